"""What people of the English demo company say, by moment of the story."""

TASKS = {
    "first": (
        "First call: who decides about connections?",
        "Call and ask about their offices",
        "Write and offer a talk",
    ),
    "meeting": ("Visit: see the office and the server room", "Meeting with the director", "Visit: measure the floors"),
    "need": ("Clarify the number of seats", "Ask for the floor plan", "Check which lines the building has"),
    "proposal": ("Ask what they think of the proposal", "Talk the proposal through", "Call about the price"),
    "agreed": ("Get the contract signed", "Agree the day of installation"),
    "payment": ("Check the first payment", "Ask whether everything works"),
    "routine": ("Call: invoice and satisfaction", "Check the month's payment", "Ask about changes in the office"),
    "late": ("Call about the overdue invoice", "Agree a date for the payment"),
    "keep": ("Talk about why they want to leave", "Bring the director into the talk"),
    "visit": (
        "Visit: plans for the next half-year",
        "Visit: show cloud telephone",
        "Lunch with the owner",
        "Visit the new site",
    ),
    "more": ("Prepare prices for the extension", "Send a comparison with their current cost"),
    "again": ("Call again: the contract with the rival ends", "Ask whether the budget is there now"),
}

SAID = {
    "first": (
        "{name} confirmed that lines are decided in the office itself. Their contract runs out in autumn.",
        "Spoke to reception, then {name}: interested if the change needs no new numbers.",
        "{name} asked to send two paragraphs, not a brochure. Call back agreed.",
        "They complain about outages: four in two months. {name} will gather the figures.",
    ),
    "meeting": (
        "Walked through the office with {name}. Old cabling on the second floor, the server stands in the kitchen.",
        "{name} showed last year's bills: they pay for two lines that nobody uses.",
        "Met {name} and the IT specialist. They want everything on one invoice.",
        "Good talk with {name}: the main worry is the weekend of the move, not the price.",
    ),
    "need": (
        "Numbers are clear: seats, cameras, one spare line. {name} waits for prices.",
        "{name} drew the network they want on paper; photo is in the folder.",
        "They need {product} before the new branch opens.",
    ),
    "proposal": (
        "{name} read it: the monthly sum fits, the installation looks expensive. Asked for a smaller first step.",
        "{name} compares us with a rival; repair within four hours is our advantage.",
        "They want the price to hold for two years. Took it along to decide.",
        "{name} has shown it to the partner; answer on Friday.",
    ),
    "agreed": (
        "{name} said yes. Contract goes out today, installation the week after next.",
        "Agreed on the phone with {name}: start with one office, then the others.",
    ),
    "payment": (
        "First payment has come. {name} is pleased, one socket is missing and will be added.",
        "First invoice is paid on the day. {name} asked whom to call from now on.",
    ),
    "lost": (
        "{name}: the owner decided for a relative's firm. Friendly, may come back.",
        "{name} says that the budget went into machines this year.",
        "A rival gave three months for nothing; we did not follow.",
        "No answer for six weeks; the number now rings out.",
    ),
    "welcome": (
        "Introduced myself to {name}. Invoices go to finance by e-mail, questions to me.",
        "First call with {name}: they want one person who knows their case. That is me now.",
    ),
    "routine": (
        "Invoice received, payment promised by Thursday. Nothing broken this month.",
        "{name} asked for a copy of the last two invoices; sent.",
        "Paid on time. Two people more in the office from next month.",
        "{name} reports a slow evening last week; technician checked, a worn cable.",
        "All well. Asked about the holidays: office closed for two weeks.",
        "Changed the address on the invoice, confirmed to {name}.",
        "{name} thanks for the quick repair on Monday.",
    ),
    "late": (
        "Invoice is 20 days overdue. {name}: their own client pays late; half this week, half in two.",
        "{name} had not seen the invoice: the mailbox of a colleague who left. Sent anew.",
        "Promised a payment by the 15th; noted.",
    ),
    "keep": (
        "{name} has an offer from a rival at 20 % less. Asked for a week to answer.",
        "They are upset about the outage in spring. The head called back the same day.",
    ),
    "visit": (
        "Saw {name} in person. New production hall in spring: 40 sockets, cameras, a second line.",
        "{name} introduced the finance director. They did not know that we do telephones.",
        "Walked the warehouse with {name}; the wireless network ends at the ramp. Showed prices for four points.",
        "Good lunch. {name} told of a visit by a rival last week, and of the price.",
        "Talked about their next two years: one site closes, one opens. They asked for a plan.",
        "{name} tried cloud telephone on my mobile and wants it for the sales floor.",
    ),
    "more": (
        "Sent the figures for {product}; {name} takes them to the monthly meeting.",
        "{name} wants {product} for half of the seats first.",
    ),
}

PROMISES = (
    "Spare router kept at our office for them, free of charge",
    "Moving two lines next year without an installation fee",
    "A technician on call on the day of their stocktaking",
    "Ten per cent off the monthly sum until the end of the year",
    "Training for their reception on the telephone menu",
    "A report on outages every quarter",
    "Introduce them to our client in the same trade",
    "Replace the camera at the gate, though it is out of warranty",
)

ANSWERS = {
    "why_bought": (
        "Four outages in two months at the old provider; repair within four hours tipped it.",
        "One invoice instead of four, and a person who answers.",
        "They open a second office and need both as one network.",
        "The old telephone system could not be repaired any more.",
    ),
    "who_decides": (
        "{decider} decides and signs; finance is asked above 5 000.",
        "{decider} alone. Likes short answers.",
        "{decider} together with the partner; both must be in the meeting.",
    ),
    "who_blocks": (
        "Procurement wanted three offers; has accepted it.",
        "Nobody by now.",
        "The IT consultant prefers a rival, he set up their old network.",
    ),
    "promises": ("{promises}", "{promises}"),
    "payment_terms": (
        "Invoice on the first, 14 days; the financial controller approves.",
        "30 days, paid on Thursdays only; invoice by e-mail to finance.",
        "In advance for the quarter, order number on the invoice.",
    ),
    "open_problems": (
        "none",
        "One socket on the second floor is still missing; technician is booked.",
        "The old provider has not released one number yet.",
        "The first invoice had the wrong address; corrected copy was sent.",
    ),
    "why_discount": (
        "Ten per cent in the first year against a competing offer.",
        "None was given.",
        "Installation at half price, because we took the whole floor.",
    ),
    "mood": (
        "Open and friendly; they call back.",
        "Businesslike, they compare everything.",
        "Warm, after a hard start.",
    ),
    "what_they_use": (
        "Office line 1000, 24 seats of cloud telephone.",
        "Office line 300 with a second line, 8 cameras.",
        "Office care for 15 seats, backup 2 TB.",
    ),
    "how_they_pay": (
        "On time, always on the 10th.",
        "A week late as a habit; a call is enough.",
        "On time since the new controller.",
    ),
    "why_vip": (
        "Third largest monthly sum of mine, and a new hall in spring. Needs somebody who comes by.",
        "A rival visited twice. The owner values people he has met.",
        "Uses two of our ten products; the rest has never been shown to them.",
    ),
    "rival": ("QuickLink was there in March with 20 % less.", "None seen.", "Emerald Telecom writes every month."),
    "what_was_done": (
        "Six visits in the year; telephone and wireless network sold; plan for the new site agreed.",
        "Four visits; owner and finance director known in person; no new sale.",
    ),
    "why_back": (
        "The site is being closed; what remains is served well by phone.",
        "A new owner wants to negotiate everything anew: a case for a hunter.",
        "The programme's purpose is reached; visits every quarter are too much for them.",
    ),
}
