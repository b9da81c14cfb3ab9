"""Who wrote to the dental number lately. Some of them write to the front desk as well."""
# ruff: noqa: RUF001 - people write with typographic signs

from genko.demo.script import Noted, Record, Story
from genko.leads.models import LeadStage
from genko.messages.models import ConversationStatus, Priority, TouchKind

_PENDING, _RESOLVED = ConversationStatus.PENDING, ConversationStatus.RESOLVED

DENTAL = (
    Story(
        "+491713920011", "Katharina Vogel", status=_RESOLVED,
        talk="""
        4d 09:30 < Guten Morgen, Emil (6) hat einen Wackelzahn und große Angst, ihn zu verschlucken. Muss der Zahnarzt ran?
        +12 J: Guten Morgen Frau Vogel, nein, der darf von allein fallen. Wenn er ihn doch verschluckt, passiert gar nichts.
        +4 < Das lese ich ihm vor, danke!
        3d 07:15 < Er ist raus! Und die Zahnfee war da 🧚
        +70 J: Glückwunsch an Emil! 🦷""",
    ),
    Story(
        "+4917604069061", "Hugo Lindqvist", routine="en", unread=True, priority=Priority.HIGH,
        record=Record("Hugo", "Lindqvist", "hugo.l@mail.example"),
        talk="""
        -24 < Hi, a corner of my front tooth broke off on an olive stone
        -23 < It does not hurt but I give a talk tomorrow and I look like a pirate
        -21 < [image]
        -20 < Any chance today or early tomorrow? 🙏""",
    ),
    Story(
        "+4917604069062", "Carolina Mendes", routine="pt", unread=True, assignee="M",
        record=Record("Carolina", "Mendes da Silva", "carolina.mendes@correio.example", "Aligner treatment, tray 9 of 18."),
        talk="""
        3d 17:50 < Olá! Perdi o alinhador número 9 no avião 😩 Uso o 10 já?
        2d 08:40 M: Bom dia Carolina! Use o 8 durante a noite, e eu pergunto à Dra. Castro.
        +55 M: A doutora diz: pode passar para o 10, mas use 22 horas por dia.
        +6 < Ufa, obrigada! E guardo o 8?
        +2 M: Guarde sim, por segurança.
        -95 < Olá outra vez, o 10 aperta bastante atrás. É normal nos primeiros dias?""",
    ),
    Story(
        "+491713920063", "Stefan Oberländer", routine="de", assignee="J",
        record=Record("Stefan", "Oberländer", "s.oberlaender@post.example", "Night guard ordered."),
        talk="""
        3d 13:20 < Ist meine Knirscherschiene schon da?
        +15 J: Hallo Herr Oberländer, das Labor liefert übermorgen.
        -900 < Gibt es schon Neues von der Schiene?
        -350 J: Guten Tag, die Schiene ist da! Wann möchten Sie sie anprobieren? Es dauert zehn Minuten.
        -341 < Heute Abend ginge
        -338 J: Bis 18:30 Uhr sind wir da, kommen Sie einfach vorbei.
        -337 < Mache ich
        -336 J: [delivered] 👍""",
    ),
    Story(
        "+447700900164", "Fiona Abernathy", routine="en", status=_PENDING,
        record=Record("Fiona", "Abernathy", "fiona.a@mail.example"),
        talk="""
        4d 10:10 < Hello, could I get a quote for a crown? My dentist in Leeds says lower left, second from the back
        +24 J: Hello Fiona! For a proper quote Dr. Castro would like to see an X-ray. Do you have one?
        3d 12:02 < [document] They sent me this
        +30 J: Thank you. The plan for your insurance takes until tomorrow.
        2d 10:15 J: Here it is in short: 890 € in total, of which most UK policies pay half. I sent the full plan by email.
        +50 < Thanks, I'll talk to the insurance and come back to you
        +3 J: Take your time.""",
        touches=(Noted(TouchKind.EMAIL, 2, "10:10", "J", "Sent the treatment plan, 890 €."),),
    ),
    Story(
        "+4917604069065", "Rana Haddad", routine="en", unread=True,
        record=Record("Rana", "Haddad", notes="Daughter of Yousef Haddad, helps him with German."),
        talk="""
        2d 11:00 < Hi, it's Rana. Can my dad come for a cleaning the same day as his blood test? He hates taking the bus twice
        +14 M: Hi Rana! Yes, Tuesday at 11:30, right after. Same house, first floor.
        +2 < You are the best
        +1 M: 😊
        -185 < Sorry me again, can you send the address in a way I can forward to the taxi?""",
    ),
    Story(
        "+34600000166", "Álvaro Quintana", routine="es", status=_RESOLVED,
        record=Record("Álvaro", "Quintana Bosch"),
        talk="""
        3d 11:35 < Hola, me duele un poco la encía después de la limpieza de ayer
        +11 M: Hola Álvaro, los dos primeros días es frecuente. Enjuague con agua tibia con sal, y si mañana sigue igual nos escribe.
        +3 < Vale, gracias
        2d 09:00 M: Buenos días, ¿qué tal hoy?
        +25 < ¡Mucho mejor! Ya desayuné tostadas
        +2 M: ¡Estupendo!""",
    ),
    Story(
        "+491713920067", "Wiebke Harms", routine="de", status=_RESOLVED,
        record=Record("Wiebke", "Harms", "wiebke.harms@post.example"),
        talk="""
        4d 12:12 < Zahlt die Kasse die Zahnreinigung?
        +21 J: Die meisten geben einen Zuschuss, bei Ihrer sind es 60 € im Jahr. Die Rechnung reichen Sie einfach ein.
        +8 < Und was kostet sie?
        +2 J: 95 €.
        +3 < Dann bitte einen Termin, gern spät
        +9 J: Montag in einer Woche, 17:30 Uhr?
        +1 < Passt""",
    ),
    Story(
        "+4917604069068", "Kwame", unread=True, assignee="J",
        record=Record("Kwame", "Asante", notes="Found us through his neighbour.", stage=LeadStage.LEAD, tags=("referral",)),
        talk="""
        1d 10:25 < Hello, my neighbour Mrs Harms says you are gentle with people who fear the dentist
        +13 J: Hello! That is kind of her. We take our time, and you can stop us at any moment by raising a hand. What is your name?
        +6 < Kwame Asante. I have not been for nine years 😬
        +4 J: Then it is all the better that you write, Kwame. First visit: only talking and looking, 20 minutes.
        -55 < I thought about it. Let's do it. But not before next week please!""",
    ),
    Story(
        "+4917604069069", "Jana", unread=True,
        talk="""
        -12 < Hallo, macht ihr Bleaching? Und was kostet das?
        -11 < Hochzeit ist in 5 Wochen 👰""",
    ),
    Story(
        "+33639980170", "Antoine", status=_PENDING,
        talk="""
        2d 16:44 < Bonjour, do you speak French at the dental office?
        +18 M: Bonjour ! Oui, Dr. Castro parle français.
        +5 < Parfait ! Je cherche un rendez-vous pour un détartrage, plutôt le matin
        +9 M: Jeudi 8h30 ou vendredi 9h15 ?""",
    ),
    Story(
        "+491713920071", "Uwe Tiedemann", routine="de", status=_PENDING, priority=Priority.LOW, ai=False,
        record=Record("Uwe", "Tiedemann", notes="Prefers Dr. Castro."),
        talk="""
        3d 09:09 < Moin. Termin Freitag absagen bitte, bin angeln
        +6 J: Moin Herr Tiedemann, ist abgesagt. Petri Heil! Wann darf es dann sein?
        2d 21:15 < [image] Guck mal, Hecht, 84 cm
        1d 08:05 J: Respekt! 🎣 Und der Termin?""",
    ),
    Story(
        "+12025550172", "Dana Rosenthal", routine="en",
        record=Record("Dana", "Rosenthal", "dana.r@mail.example", "Exchange student until July."),
        talk="""
        -320 < Hi! My retainer wire popped off on one side, it's poking my tongue
        -311 J: Hi Dana, that is quickly fixed. Can you come at lunch time? Until then a bit of wax from the pharmacy helps.
        -305 < Wax is in, wow, instant relief
        -303 < Lunch works
        -302 J: See you at 12:45.
        -208 < All fixed, that took like 5 minutes. Thank you!!
        -200 J: [delivered] Happy to hear it 🙂""",
    ),
    Story(
        "+4917604069073", "Olena Kovalenko", routine="en", status=_RESOLVED,
        record=Record("Olena", "Kovalenko", "olena.k@mail.example"),
        talk="""
        4d 14:50 < Добрий день! Hello, my son Danylo, 9, needs an appointment for braces check
        +16 M: Hello Olena! Dr. Castro has time on Wednesday at 15:00, after school.
        +7 < Good. He asks if he can choose the colour of the rubber bands
        +2 M: Of course! We have 12 colours, also yellow and blue.
        +1 < He is running around the kitchen of joy 💛💙
        1d 16:10 < [image] Danylo with the result
        +8 M: He looks great!""",
    ),
    Story(
        "+491713920074", "Ingeborg Maaß", routine="de", status=_RESOLVED, assignee="M",
        record=Record("Ingeborg", "Maaß", notes="Calls her son if she does not answer: number in the paper file."),
        talk="""
        3d 10:40 < [audio]
        +15 M: Guten Tag Frau Maaß, ich habe Ihre Nachricht gehört. Die Prothese drückt links, richtig? Kommen Sie heute um 15 Uhr?
        +22 < Ja
        +300 < [audio]
        +5 M: Das freut uns sehr, dass jetzt alles sitzt!""",
        touches=(Noted(TouchKind.VISIT, 3, "15:00", "M", "Pressure point smoothed, fits now."),),
    ),
    Story(
        "+4917604069075", "Mateus Oliveira", routine="pt", status=_RESOLVED,
        record=Record("Mateus", "Oliveira"),
        talk="""
        3d 18:25 < Boa noite, preciso de um comprovante da consulta de hoje para o trabalho
        2d 08:15 M: Bom dia Mateus, enviei agora para o seu email.
        +10 < Recebido, obrigado!
        +1 M: De nada.""",
    ),
    Story(
        "+491713920076", "Friederike von Ahlen", routine="de",
        record=Record("Friederike", "von Ahlen", "f.vonahlen@post.example"),
        talk="""
        -560 < Guten Tag, für die Implantatplanung fehlt mir noch der Heil- und Kostenplan
        -165 J: Guten Tag Frau von Ahlen, der Plan geht heute in die Post. Möchten Sie ihn vorab als E-Mail?
        -158 < Gern!
        -156 J: Ist unterwegs.
        -149 < Angekommen. Ich habe dazu zwei Fragen, darf ich Sie anrufen?
        -146 J: [delivered] Natürlich, am besten zwischen 14 und 16 Uhr.""",
        touches=(Noted(TouchKind.CALL, 1, "16:00", "J", "Implant planning discussed, the cost plan follows."),),
    ),
    Story(
        "+447700900177", "Nikhil Varma", routine="en", status=_RESOLVED,
        record=Record("Nikhil", "Varma", "nikhil.v@mail.example"),
        talk="""
        2d 13:13 < Is an electric toothbrush really better? Asking for a friend (me)
        +35 J: For most people yes, if it has a pressure warning. Soft head, two minutes, twice a day.
        +4 < Noted. The shop has 40 different ones, send help
        +6 J: The second cheapest of any known brand does everything you need 😄
        +2 < Bought. Thanks!""",
    ),
    Story(
        "+4917604069078", "Selin Aydın", routine="de", status=_RESOLVED, priority=Priority.LOW,
        record=Record("Selin", "Aydın"),
        talk="""
        4d 16:16 < Hallo, ich suche ab September einen Ausbildungsplatz als ZFA. Kann ich bei Ihnen ein Praktikum machen?
        3d 09:20 A: Hallo Selin, schön, dass du fragst! Schick uns gern einen kurzen Lebenslauf.
        +180 < [document] Mein Lebenslauf
        2d 12:00 A: Danke! Dr. Castro möchte dich kennenlernen. Kannst du am Montag um 13 Uhr?
        +3 < Jaaa, sehr gern 🎉
        +2 A: Dann bis Montag!""",
    ),
    Story(
        "+491713920079", "Jürgen", status=_RESOLVED,
        talk="""
        4d 08:33 < Parkplatz vorhanden?
        +17 J: Guten Morgen! Im Hof zwei Plätze für Patienten, sonst das Parkhaus am Südstern.
        +1 < Danke""",
    ),
    Story(
        "+4917604069080", "Beatriz Nunes", routine="es", status=_PENDING, assignee="M",
        record=Record("Beatriz", "Nunes", "bea.nunes@correo.example"),
        talk="""
        1d 12:15 < Hola, ¿tienen ya la cita para la férula?
        +28 M: Hola Beatriz, el laboratorio la entrega el miércoles. ¿Le va bien el jueves a las 10:00?
        +2 < ¿Puede ser más tarde?
        +5 M: A las 12:30 también hay sitio. Dígame qué prefiere y la apunto.""",
    ),
    Story(
        "+491713920019", "Tobias Reinhardt", status=_RESOLVED,
        talk="""
        5d 17:01 < Guten Tag, muss ich vor der Füllung nüchtern sein?
        4d 08:10 J: Guten Morgen, nein, frühstücken Sie gern. Danach sollten Sie zwei Stunden nichts essen.
        +5 < Danke, dann gibt es Rührei""",
    ),
)  # fmt: skip
