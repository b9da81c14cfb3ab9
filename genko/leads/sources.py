"""Every word that the program has for where leads come from, in one table. Its keys are the values of LeadSource."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceWords:
    label: str  # in lists and filters
    phrase: str  # completes "Lead from …"
    file_words: str  # what import files write in their source column, folded, separated by |


WORDS = {
    "whatsapp": SourceWords("WhatsApp", "WhatsApp", "whatsapp"),
    "instagram": SourceWords("Instagram", "Instagram", "instagram|insta|ig"),
    "website": SourceWords(
        "Website",
        "the website",
        "website|web|webseite|homepage|internet|sitio web|pagina web|site|site web|site internet|sito|sito web",
    ),
    "referral": SourceWords(
        "Referral",
        "a referral",
        "referral|empfehlung|weiterempfehlung|recomendacion|referido|recommandation|recomendacao|indicacao|"
        "raccomandazione|passaparola",
    ),
}
