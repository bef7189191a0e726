"""What people of the English demo company say of competitors."""

RIVAL_NOTES = (
    (
        "They buy clients: half the price for six months, then more than ours. Repairs take up to three days: ask the "
        "client what a day without lines costs."
    ),
    "They call everybody in a building and sign within the hour. No engineers of their own, a contractor answers.",
    "Strong where their cable lies already. No telephony, no support: show the one invoice for everything.",
    (
        "They come through friends in security departments. Expensive cameras, a good show. We answer by meeting the "
        "director in person."
    ),
)
"""In the order of the competitors."""

NOTICED = {
    "named": (
        "While we spoke about the invoice: “{rival} rang us the other day.” They know no more.",
        "{name} mentioned that {rival} came to the neighbours, and that people here are curious now.",
        "{name} asks us to compare ourselves with {rival}, and has begun a table already.",
    ),
    "seen": (
        "A van of {rival} stood at the gate, and their engineers measured the second floor.",
        "A network was drawn on the board of the meeting room, with {rival} in its corner.",
        "Met a salesman of {rival} in the lobby. Not his first time: reception knows his first name.",
    ),
    "offer": (
        "An offer of {rival} lies on the director's table: twenty percent below ours, good until the end of the month.",
        "{name} read me the offer of {rival}: two months free, and they pay the installation.",
        "Instead of a payment, finance sent a file of {rival} and asked why we are dearer.",
    ),
    "price": (
        "{name}: “Do what {rival} does, and that is that.” Wants fifteen percent off.",
        "They ask to work out the monthly payment anew, and say openly that {rival} takes less.",
    ),
    "trial": (
        "{rival} gave them a line at the warehouse for two weeks. {name} likes the speed.",
        "Telephones of {rival} stand on the third floor already, “just to try”.",
    ),
    "leaving": (
        "{name}: “We stay until the quarter ends, then it is {rival}.” They are angry about three days without a line.",
        "They asked how to end the contract. Reception let slip that they sign with {rival} on Friday.",
    ),
}
"""By kind of signal; ``{name}`` is the contact's name, ``{rival}`` the competitor's."""

VISITED = (
    "Saw the director. {rival} promises what its contract does not say: showed it next to ours.",
    "Went through every complaint of the year and named a day for each. They speak of {rival} more calmly now.",
    "A hard talk: {rival} comes in through purchasing. We send a comparison by Friday.",
)
"""What came of a visit that defends a client."""

DEFENDED = (
    (
        "Went there with our director. Showed what last year's outage cost them, and gave a spare line for a quarter. "
        "They stay."
    ),
    "Went through the offer line by line: no repair within four hours. Signed with us for two more years.",
    "The price was a pretext: they were cross about their new clerk. Introduced the two, apologised, settled.",
    "Put the services together anew: one line less, telephony instead. They pay the same and are happy.",
    "The director never meant to go and wanted attention. We agreed on a visit each quarter.",
)
"""What kept a client."""

FALSE_ALARMS = (
    "That was the contractor of the firm next door, who never called on our client.",
    "An old offer of last year, found when they moved.",
    "They wanted a line for the director's cottage; the office has nothing to do with it.",
)

GONE = {
    "price": (
        "Could not close the twenty percent: our discount took a week to approve, they signed on the third day.",
    ),
    "our_mistake": ("Three days without lines in January, and not one call from us. They did not forgive it.",),
    "product": ("They needed telephony that works with their ledger, and we have none.",),
    "relations": ("Their salesman studied with the new commercial director. None of us knew the director.",),
    "order": ("The parent company decided: one provider for every branch.",),
}
"""What was learned from a loss, by its cause."""

LOST = {
    "no_need": ("They gave two of three floors up.", "The shop moved in with its mother firm."),
    "unpaid": ("Nothing paid for months; the line is taken back.",),
    "closed": ("The firm is being wound up.", "The owner retires, and nobody takes over."),
}
"""The same of clients who were lost without a competitor."""
