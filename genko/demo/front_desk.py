"""Who wrote to the front desk lately. Invented people; their numbers are reserved for fiction where there are such."""
# ruff: noqa: RUF001 - people write in Arabic, Hebrew and with typographic signs

from genko.demo.script import Noted, Record, Story
from genko.leads.models import LeadStage
from genko.messages.models import ConversationStatus, Priority, TouchKind

_PENDING, _RESOLVED = ConversationStatus.PENDING, ConversationStatus.RESOLVED

FRONT_DESK = (
    Story(
        "+491713920011", "Katharina Vogel", routine="de", unread=True, assignee="M",
        record=Record("Katharina", "Vogel", "katharina.vogel@post.example", "Prefers mornings. Two children, both patients here."),
        talk="""
        3d 08:41 < Guten Morgen, können Sie mir bitte eine Krankschreibung für gestern und heute ausstellen? Ich war ja am Montag bei Dr. Sommer.
        +14 M: Guten Morgen Frau Vogel, ich frage Dr. Sommer und melde mich gleich.
        +52 M: Ist ausgestellt und elektronisch an Ihre Kasse übermittelt. Brauchen Sie auch einen Ausdruck?
        +3 < Nein, alles gut. Vielen Dank für die schnelle Hilfe!
        +1 M: Gern, gute Besserung!
        -9 < Hallo nochmal, eine Frage zum Impftermin von Emil
        -7 < Er hat heute leichten Schnupfen, kein Fieber. Sollen wir trotzdem kommen?
        -5 < Der Termin wäre morgen um 8:30 Uhr""",
        touches=(Noted(TouchKind.VISIT, 6, "10:05", "M", "Picked up both children's vaccination booklets."),),
    ),
    Story(
        "+447700900114", "Oliver Hartnell", routine="en", unread=True, priority=Priority.HIGH,
        record=Record("Oliver", "Hartnell", "o.hartnell@mail.example", "Travels a lot for work."),
        talk="""
        4d 16:20 < Hi, I fly to Lagos in three weeks. Which vaccinations do I need and can you do them?
        +22 J: Hello Oliver, yes we can. Yellow fever is required, and the doctor will look at your booklet for the rest. Can you send a photo of it?
        +35 < [image] Page 1
        +1 < [image] Page 2
        +18 J: Thank you. Dr. Adeyemi would like to see you this week, so that there are ten days left before the flight. Thursday 17:15?
        +4 < Thursday works
        +2 J: You are booked. It takes about 30 minutes.
        -44 < Hello, my arm is quite red and warm where I got the yellow fever shot two days ago
        -42 < Is that normal or should I come in?
        -40 < [image] It looks like this""",
    ),
    Story(
        "+34600000121", "Lucía Fernández Ibáñez", routine="es", unread=True, assignee="M",
        record=Record("Lucía", "Fernández Ibáñez", "lucia.fi@correo.example", "Habla español y algo de alemán."),
        talk="""
        4d 11:02 < Hola, ¿me pueden enviar la factura de la última visita? Es para el seguro privado
        +19 M: Hola Lucía, claro. ¿La quiere por correo electrónico?
        +2 < Sí por favor, al mismo correo de siempre
        +6 M: Enviada. ¿Le ha llegado?
        +9 < ¡Sí! Mil gracias, María 🌻
        +3 M: ¡Que tenga buen día!
        -196 < Hola María, soy yo otra vez 🙈
        -195 < El seguro dice que en la factura falta el código del diagnóstico. ¿La podrían volver a emitir?
        -180 < [document] Esto es lo que me han contestado""",
    ),
    Story(
        "+491713920019", "Tobias Reinhardt", routine="de", unread=True,
        record=Record("Tobias", "Reinhardt", "t.reinhardt@post.example"),
        talk="""
        2d 10:31 < Guten Tag, ich bräuchte eine Überweisung zum Orthopäden.
        +25 M: Guten Tag Herr Reinhardt, waren Sie deswegen schon bei uns?
        +40 < Ja, im Frühjahr, wegen der Schulter
        +12 M: Dann geht das ohne Termin. Sie können die Überweisung ab morgen 10 Uhr abholen.
        +4 < Wunderbar
        +2 M: Bis morgen!
        -1402 < Ich war gerade da, aber es war leider schon geschlossen. Kann die Überweisung auch per Post kommen?
        -1400 < Meine Adresse hat sich nicht geändert""",
    ),
    Story(
        "+4917604069021", "Yousef Haddad", routine="en", unread=True,
        record=Record("Yousef", "Haddad", notes="Arabic, some English. His daughter Rana helps with German."),
        talk="""
        3d 12:10 < مرحبا، هل يمكنني حجز موعد عند الدكتورة زومر الأسبوع القادم؟
        +31 J: مرحباً سيد حداد، نعم. هل يناسبك يوم الثلاثاء الساعة 10:30؟
        +9 < نعم مناسب جداً، شكراً لكم
        +5 J: تم الحجز. نراك يوم الثلاثاء ⏎Dienstag, 10:30 Uhr, 2. OG
        -75 < السلام عليكم، هل أحتاج أن أكون صائماً قبل تحليل الدم يوم الثلاثاء؟
        -73 < وهل أستطيع شرب الماء؟ 💧""",
    ),
    Story(
        "+4917604069022", "Noa Ben-David", routine="en",
        record=Record("Noa", "Ben-David", "noa.bd@mail.example"),
        talk="""
        3d 09:25 < שלום, אני צריכה אישור מחלה לעבודה. אפשר לקבל אותו במייל?
        +16 J: Hello Noa, I read your message with a translator, I hope that is fine. Do you need it for the days after your visit on Monday?
        +4 < Yes exactly, Monday to Wednesday. Sorry, I started in Hebrew out of habit 😄 תודה רבה!
        +21 J: No problem at all. It was sent to your insurance, and a copy to your email address.
        +2 < Got it, תודה!
        -330 < Hi, does the clinic also have an English speaking physiotherapist?
        -318 J: Hi Noa, yes: Hannah, on Tuesdays and Fridays. You need a prescription, shall I ask Dr. Sommer for one?
        -312 < Yes please!
        -300 J: [delivered] She has signed it. You can choose a time here: Tuesday 9:00, Tuesday 15:30 or Friday 11:00.""",
        status=_PENDING, assignee="J",
    ),
    Story(
        "+491713920024", "Beate Krämer", routine="de", unread=True, priority=Priority.LOW,
        record=Record("Beate", "Krämer", notes="Hard of hearing: always write, do not call."),
        talk="""
        4d 15:44 < Liebes Team, ich wollte nur Danke sagen.
        +30 M: Das freut uns sehr, Frau Krämer!
        -150 < Liebes Praxisteam,⏎⏎ich schreibe Ihnen etwas ausführlicher, weil ich am Telefon ja nicht gut verstehe und weil ich mich noch einmal richtig bedanken möchte.⏎⏎Als ich im Januar zum ersten Mal zu Ihnen kam, war ich ehrlich gesagt sehr unsicher. Mein alter Hausarzt war in den Ruhestand gegangen, ich war über dreißig Jahre bei ihm gewesen, und ich hatte mir lange nicht vorstellen können, noch einmal irgendwo neu anzufangen. Dann hat mich am Empfang Frau Ferreira begrüßt, hat sich zu mir gesetzt, alles auf einen Zettel geschrieben und sich so viel Zeit genommen, wie ich brauchte. Das habe ich nicht vergessen.⏎⏎Nun zu meinen Fragen, ich habe sie nummeriert, damit Sie es leichter haben:⏎⏎1. Das Rezept für die Tabletten am Morgen reicht noch bis Ende der übernächsten Woche. Soll ich das neue Rezept schon jetzt bestellen, oder lieber erst kurz vorher?⏎⏎2. Meine Tochter zieht im Herbst nach Berlin und sucht ebenfalls eine Hausärztin. Nehmen Sie noch neue Patientinnen auf? Sie ist gesetzlich versichert und würde gern einmal im Quartal kommen.⏎⏎3. Der Akustiker möchte einen Bericht von Dr. Sommer haben, damit die Krankenkasse das neue Hörgerät bezahlt. Den Vordruck habe ich zu Hause. Soll ich ihn vorbeibringen, oder genügt ein Foto mit dem Telefon?⏎⏎4. Beim letzten Mal habe ich meinen grünen Regenschirm bei Ihnen stehen lassen. Er ist alt, aber ich hänge an ihm, er hat meiner Mutter gehört. Vielleicht ist er ja noch da?⏎⏎Es eilt alles überhaupt nicht. Bitte antworten Sie mir schriftlich, das kann ich mir in Ruhe durchlesen.⏎⏎Mit herzlichen Grüßen und noch einmal vielen Dank an alle, auch an den jungen Mann, der mir die schwere Tür aufgehalten hat,⏎⏎Ihre Beate Krämer""",
        ai=False,
    ),
    Story(
        "+491713920027", "Familie Nowak", routine="de", unreachable=True,
        record=Record("Agnieszka", "Nowak", "a.nowak@post.example", "New number from next month, ask for it."),
        talk="""
        4d 13:05 < Guten Tag, wir bekommen bald eine neue Handynummer, ich sage dann Bescheid
        +15 J: Danke, Frau Nowak, das ist gut zu wissen.
        2d 09:50 < Sind die Laborwerte von meinem Mann schon da?
        +45 J: Sie sind gekommen, Dr. Adeyemi schaut sie heute noch an.
        -420 < Gibt es schon etwas Neues? Wir sind gerade beim Umzug, das Handy klingelt ständig 😊
        -205 J: [63024] Guten Tag Frau Nowak, Dr. Adeyemi möchte die Werte gern kurz mit Ihrem Mann besprechen, es ist nichts Eiliges. Passt morgen 12 Uhr am Telefon?""",
        assignee="J",
    ),
    Story(
        "+12025550143", "Grace Whitaker", routine="en",
        record=Record("Grace", "Whitaker", "grace.whitaker@mail.example", "Embassy insurance, invoice in English."),
        talk="""
        3d 14:12 < Hi there! Could you tell me if Dr. Adeyemi does travel certificates for medication?
        +18 M: Hello Grace, yes. Please send us the list of what you take with you.
        -1560 < [document] Here is the list, sorry for the delay
        -1480 M: Thank you, we will prepare it.
        -118 M: [63016] Your certificate is ready at the front desk. We are here until 18:00.""",
        assignee="M",
    ),
    Story(
        "+4917604069028", "Mehmet Yıldız", routine="de", priority=Priority.HIGH, assignee="J",
        record=Record("Mehmet", "Yıldız", notes="Chauffeur, hard to reach by day."),
        talk="""
        1d 11:22 < Hallo, ich stehe morgen den ganzen Tag auf der Autobahn. Kann ich den Termin um 14 Uhr auf abends legen?
        -245 < Oder sonst auf nächste Woche
        -230 J: [unconfirmed] Hallo Herr Yıldız, heute Abend um 18:15 Uhr ist noch etwas frei. Sollen wir Sie eintragen?""",
    ),
    Story(
        "+491713920031", "Marlies", status=_RESOLVED, ai=False,
        record=Record("Marlies", "Brinkmann"),
        talk="""
        5d 10:00 M: Hallo Frau Brinkmann, ab sofort gibt es bei uns die Grippeimpfung ohne Termin, dienstags und donnerstags von 8 bis 10 Uhr.
        +94 < Danke, ich bin schon geimpft. Bitte keine solchen Nachrichten mehr.
        +8 M: Das verstehen wir, entschuldigen Sie. Wenn Sie STOP schreiben, bekommen Sie von dieser Nummer nichts mehr.
        +2 < STOP""",
    ),
    Story(
        "+4917604069033", "Priya", unread=True,
        talk="""
        -31 < Hi! A colleague recommended you. Are you taking new patients?
        -30 < I just moved to Berlin from Pune, insurance is TK
        -28 < My German is still A1, is English ok? 😅""",
    ),
    Story(
        "+33639980135", "Camille Lefèvre", unread=True, priority=Priority.HIGH,
        talk="""
        -62 < Bonjour, je suis à Berlin pour le week-end et j'ai oublié mon traitement pour la thyroïde à Paris
        -60 < Est-ce que je peux passer aujourd'hui pour une ordonnance ? J'ai une photo de la boîte
        -59 < [image] La voici""",
    ),
    Story(
        "+4917604069034", "Sofie Nilsen", unread=True,
        record=Record("Sofie", "Nilsen", "sofie.nilsen@mail.example", "Asked for a check-up before her new job.", LeadStage.PROSPECT, ("follow-up",)),
        talk="""
        2d 13:40 < Hello, what does a general check-up cost without insurance?
        +26 J: Hello! It is 95 € with a blood test. May I ask your name?
        +7 < Sofie Nilsen. I start a new job in August and they want a certificate
        +11 J: Nice to meet you, Sofie. The certificate is 15 € more. Would next Wednesday at 9:00 suit you?
        +33 < I need to check with my flatmate, she has the keys 🙂 I'll write tomorrow
        +2 J: No hurry.
        -15 < Wednesday at 9 is great!""",
        touches=(Noted(TouchKind.CALL, 1, "12:20", "J", "Called to say that she should come fasting. Left a message."),),
    ),
    Story(
        "+46701740636", "Elin", status=_PENDING,
        record=Record("Elin", "Åkesson", stage=LeadStage.QUALIFIED),
        talk="""
        3d 17:32 < Hi, do you do the medical for the sport boat licence?
        2d 08:00 J: Good morning! We do: eyes, ears and a short form, 35 €.
        +40 < Perfect, what do I bring?
        +12 J: Your passport and, if you wear them, your glasses. When would you like to come?
        +3 < Some afternoon next week
        +16 J: Tuesday 15:45 or Friday 14:00?""",
    ),
    Story(
        "+4917604069037", "Bruno Carvalho", routine="pt", assignee="M",
        record=Record("Bruno", "Carvalho", "bruno.carvalho@correio.example"),
        talk="""
        -520 < Bom dia, posso trocar a consulta de sexta por outra na próxima semana?
        -410 M: Bom dia Bruno, pode sim. Segunda às 16:45 ou quarta às 8:30?
        -402 < Quarta às 8:30, por favor
        -400 M: Está marcado: quarta, 8:30.
        -396 < Perfeito, muito obrigado! 🙏
        -395 M: [delivered] De nada, boa semana!""",
    ),
    Story(
        "+34600000138", "Joaquín Otero", routine="es", status=_PENDING, assignee="M",
        record=Record("Joaquín", "Otero Sánchez", notes="Pensionista, viene con su hermana."),
        talk="""
        2d 09:15 < [audio]
        +20 M: Hola don Joaquín, lo he escuchado. La doctora puede verle el lunes. ¿Por la mañana?
        +65 < [audio]
        +8 M: Muy bien, el lunes a las 11:30. ¿Le acompaña su hermana?""",
        touches=(Noted(TouchKind.CALL, 2, "16:30", "M", "His sister called back: she comes along on Monday."),),
    ),
    Story(
        "+491713920041", "Henrike Paulsen", routine="de", status=_RESOLVED,
        record=Record("Henrike", "Paulsen", "h.paulsen@post.example"),
        talk="""
        3d 10:12 < Moin, ich brauche ein Folgerezept für die Pille
        +20 J: Moin Frau Paulsen, dasselbe Präparat wie im Frühjahr?
        +2 < Ja genau, wieder für sechs Monate
        +31 J: Das E-Rezept ist auf Ihrer Karte.
        +5 < Super, danke!""",
    ),
    Story(
        "+447700900142", "Maeve O'Connor", routine="en", status=_RESOLVED,
        record=Record("Maeve", "O'Connor", "maeve.oc@mail.example"),
        talk="""
        2d 12:30 < Hiya, I think I left my blue scarf in the waiting room on Monday 🧣
        +16 M: Hello Maeve! There is one here, wool with a white stripe?
        +1 < That's the one!! My gran knitted it
        +2 M: It is waiting for you at the front desk 🙂
        1d 09:05 < Picked it up, you're legends <3
        +3 M: Our pleasure.""",
        touches=(Noted(TouchKind.VISIT, 1, "09:00", "M", "Picked up her scarf."),),
    ),
    Story(
        "+4917604069043", "Amara Okonkwo", routine="en", status=_RESOLVED,
        record=Record("Amara", "Okonkwo", "amara.o@mail.example", "Nursery needs certificates for Zuri."),
        talk="""
        4d 07:48 < Good morning, Zuri's nursery asks for a note that she is well again
        +35 J: Good morning Amara! Has she been without a fever for two days?
        +3 < Yes since Saturday, she is jumping on the sofa as I type
        +5 J: 😄 Then Dr. Sommer can sign it. Pick it up or by email?
        +1 < Email please
        +44 J: Done. Greetings to Zuri!
        +6 < She says thank you with a drawing
        +1 < [image]
        +9 J: It hangs on our wall now!""",
    ),
    Story(
        "+491713920044", "Ralf Düsterhöft", routine="de", status=_RESOLVED, priority=Priority.LOW,
        record=Record("Ralf", "Düsterhöft"),
        talk="""
        4d 11:11 < Haben Sie zwischen Weihnachten und Neujahr auf?
        +48 M: Guten Tag Herr Düsterhöft, vom 27. bis 30. ja, jeweils 9 bis 13 Uhr.
        +7 < Danke, man plant ja früh
        +2 M: Sehr vorbildlich 🙂""",
    ),
    Story(
        "+4917604069045", "Ivana Petrović", routine="de", status=_RESOLVED, assignee="J",
        record=Record("Ivana", "Petrović", "ivana.p@post.example"),
        talk="""
        3d 16:02 < Guten Tag, ich komme morgen mit Krücken. Gibt es einen Aufzug?
        +9 J: Guten Tag Frau Petrović, ja, im Hof links. Klingeln Sie kurz, dann öffnen wir Ihnen das Tor.
        +4 < Sehr nett!
        2d 10:20 < Bin da, welches Tor?
        +1 J: Das grüne, ich komme runter.
        +30 < Vielen Dank fürs Abholen 🙏""",
    ),
    Story(
        "+12025550146", "Marcus Bell", routine="en", status=_RESOLVED,
        record=Record("Marcus", "Bell", "mbell@mail.example"),
        talk="""
        3d 19:20 < Hey, do you have my blood test results?
        2d 08:35 M: Good morning Marcus, they are here. Dr. Adeyemi calls you between 12 and 13.
        +15 < Perfect
        +240 < We spoke, all good. Could I have a copy?
        +22 M: It is in your patient folder online, and here is how to open it: https://clinica-sol.example/folder
        +8 < Works, cheers""",
        touches=(Noted(TouchKind.CALL, 2, "12:25", "M", "Dr. Adeyemi talked him through his results."),),
    ),
    Story(
        "+34600000147", "Inés Caballero", routine="es", status=_RESOLVED,
        record=Record("Inés", "Caballero Ruiz"),
        talk="""
        4d 10:45 < Buenas, ¿a qué hora abren los sábados?
        +13 M: Hola Inés, de 9 a 13.
        +2 < ¿Y hace falta cita para una vacuna?
        +4 M: Los sábados no, venga sin cita.
        +1 < Genial, gracias""",
    ),
    Story(
        "+4917604069048", "Deniz", status=_RESOLVED,
        talk="""
        5d 14:31 < Hallo, nehmt ihr auch Privatpatienten?
        +20 J: Hallo! Ja, gern. Worum geht es denn?
        +9 < Nur Check-up. Ich melde mich nächsten Monat
        +2 J: Alles klar, wir freuen uns.""",
    ),
    Story(
        "+491713920049", "Unknown", status=_RESOLVED, priority=Priority.LOW,
        talk="""
        4d 20:10 < Zwei Margherita und eine Funghi bitte, Abholung 20:45
        3d 08:02 M: Guten Morgen! Hier ist die Clínica Sol, eine Arztpraxis. Wir hoffen, Sie haben Ihre Pizza noch bekommen 🍕
        +14 < Oh nein 😂 Entschuldigung! Ja, habe ich
        +1 M: Dann guten Appetit nachträglich!""",
    ),
    Story(
        "+4917604069051", "Linh Trần", routine="de", assignee="J", status=_PENDING,
        record=Record("Linh", "Trần", "linh.tran@post.example"),
        talk="""
        1d 09:33 < Hallo, meine Mutter ist zu Besuch aus Hanoi und hat ihre Brille zerbrochen. Können Sie ein Rezept für den Optiker schreiben?
        +17 J: Hallo Frau Trần, dafür reicht ein Optiker mit Sehtest, ohne Rezept. In der Gneisenaustraße gibt es einen, der Vietnamesisch spricht.
        +3 < Ach toll, das wusste ich nicht!
        +5 J: Sagen Sie gern Bescheid, ob es geklappt hat.""",
    ),
    Story(
        "+491713920052", "Georg Wittkamp", routine="de",
        record=Record("Georg", "Wittkamp", notes="Blood pressure diary every two weeks."),
        talk="""
        4d 18:40 < Blutdruck diese Woche: Mo 138/85, Di 135/82, Mi 141/88, Do 136/84
        3d 08:20 M: Danke Herr Wittkamp, ich lege es Dr. Sommer hin.
        +95 M: Sie ist zufrieden, bitte so weitermachen.
        -275 < Und die neuen Werte: Mo 134/80, Di 136/84, Mi 133/81. Es geht aufwärts, oder besser gesagt abwärts 😊
        -262 M: Das sieht gut aus! Ich trage alles ein.""",
    ),
    Story(
        "+4917604069053", "Aaliyah Rahman", routine="en", assignee="M",
        record=Record("Aaliyah", "Rahman", "aaliyah.r@mail.example"),
        talk="""
        -290 < Hello, could my husband join the appointment on Monday by video? He is in Dhaka at the moment
        -278 M: Hello Aaliyah, of course. Please bring a phone or tablet, we have wifi in room 3.
        -270 < Wonderful. What is the wifi called?
        -268 M: ClinicaSol-Guests, the password is on the wall next to the mirror.
        -267 < 👍
        -140 < One more thing: is it the entrance from the yard?
        -133 M: [delivered] Yes, from the yard, second door.""",
    ),
    Story(
        "+4917604069054", "Pavel", unread=True, ai=False,
        talk="""
        -1670 < Dobrý den, guten Tag. Ich suche Hausarzt für mich und meine Frau, wir wohnen Graefestraße
        -1665 < Haben Sie Platz? Wir können jede Zeit""",
    ),
    Story(
        "+4917604069055", "Theresa Lindner", routine="de", status=_RESOLVED,
        record=Record("Theresa", "Lindner"),
        talk="""
        2d 15:05 < [document] Hier der Brief vom Kardiologen für Dr. Sommer
        +26 J: Danke Frau Lindner, ist in Ihrer Akte.
        +2 < Prima
        1d 11:40 J: Dr. Sommer hat ihn gelesen: alles in Ordnung, nächste Kontrolle in einem Jahr.
        +19 < Da fällt mir ein Stein vom Herzen. Im wahrsten Sinne 😅""",
    ),
)  # fmt: skip
