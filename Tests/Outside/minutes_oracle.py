"""Which minutes of a visit count, written a second time from docs/minutes.md.

Nothing here comes from the Swift code. Time is cut at every instant at which something may change,
and each piece is asked by the rules alone whether somebody was there; nothing is followed from one
fact to the next. Instants are whole microseconds.
"""

SECOND = 1_000_000
SILENCE = 90 * SECOND
# at one instant, who leaves is last
ORDER = {"join": 0, "heartbeat": 1, "leave": 2, "word": 3}


def distinct(facts):
    """Of facts with one identifier the earliest."""
    taken = {}
    for fact in facts:
        rank = (fact["at"], ORDER[fact["kind"]], fact["side"], fact["participant"])
        if fact["id"] not in taken or rank < taken[fact["id"]][0]:
            taken[fact["id"]] = (rank, fact)
    return [fact for _, fact in taken.values()]


class Person:
    """One participant of a side, by its signs of life and its leaves."""

    def __init__(self, facts):
        self.leaves = [fact["at"] for fact in facts if fact["kind"] == "leave"]
        joins = [fact["at"] for fact in facts if fact["kind"] == "join"]
        beats = [fact["at"] for fact in facts if fact["kind"] == "heartbeat"]
        self.signs = joins + [at for at in beats if self.counts(at, joins)]

    def counts(self, at, joins):
        """A sign of life after a leave is one only when the person has joined again since."""
        left = max((leave for leave in self.leaves if leave < at), default=None)
        joined = max((join for join in joins if join <= at), default=None)
        return left is None or joined is not None and joined > left

    def edges(self):
        return self.signs + self.leaves

    def is_there(self, at):
        """Just after this instant: a sign of life before, not too long before the next fact."""
        last = max((sign for sign in self.signs if sign <= at), default=None)
        if last is None or any(last <= leave <= at for leave in self.leaves):
            return False
        after = min((edge for edge in self.edges() if edge > at), default=None)
        return after is not None and after - last <= SILENCE


def pieces(edges, holds):
    """The stretches between edges of which something holds, neighbours joined."""
    found = []
    edges = sorted(set(edges))
    for start, end in zip(edges, edges[1:], strict=False):
        if holds(start):
            if found and found[-1][1] == start:
                found[-1][1] = end
            else:
                found.append([start, end])
    return found


def within(spans, at):
    return any(start <= at < end for start, end in spans)


def whole_seconds(spans):
    return sum(end - start for start, end in spans) // SECOND


def without_gaps(spans, grace):
    joined = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= grace:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    return joined


class Visit:
    """Everybody of both sides, and what both say was held by telephone."""

    def __init__(self, facts):
        facts = distinct(facts)
        self.people = {"seller": [], "buyer": []}
        keys = {(fact["side"], fact["participant"]) for fact in facts}
        for side, participant in sorted(keys):
            own = [fact for fact in facts
                   if (fact["side"], fact["participant"]) == (side, participant)]
            self.people[side].append(Person(own))
        told = {side: [] for side in self.people}
        for fact in facts:
            if fact["kind"] == "word" and fact["word"][0] < fact["at"]:
                # nobody tells of time that has not passed
                told[fact["side"]].append((fact["word"][0], min(fact["word"][1], fact["at"])))
        edges = [edge for spans in told.values() for span in spans for edge in span]
        self.telephone = pieces(
            edges, lambda at: within(told["seller"], at) and within(told["buyer"], at))

    def present(self, side):
        people = self.people[side]
        edges = [edge for person in people for edge in person.edges()]
        edges += [edge for span in self.telephone for edge in span]
        return pieces(edges, lambda at: within(self.telephone, at)
                      or any(person.is_there(at) for person in people))

    def person_seconds(self, side):
        """What the visit took of a side: each person, and one for the telephone alone."""
        people = self.people[side]
        each = [whole_seconds(pieces(person.edges(), person.is_there)) for person in people]
        edges = [edge for person in people for edge in person.edges()]
        seen = pieces(edges, lambda at: any(person.is_there(at) for person in people))
        return sum(each) + whole_seconds(self.present(side)) - whole_seconds(seen)


def together(seller, buyer, window):
    edges = [edge for spans in (seller, buyer, [window]) for span in spans for edge in span]
    return pieces(edges, lambda at: within(seller, at) and within(buyer, at)
                  and window[0] <= at < window[1])


def answer(question):
    visit = Visit(question["facts"])
    seller, buyer = visit.present("seller"), visit.present("buyer")
    window, grace = question["window"], question["grace_seconds"] * SECOND
    if question["previous"] is not None:
        window = [max(window[0], question["previous"]), window[1]]
    intervals = without_gaps(together(seller, buyer, window), grace)
    cut = 0
    if question["next"] is not None and window[0] < question["next"] < window[1]:
        whole = whole_seconds(intervals)
        intervals = without_gaps(
            together(seller, buyer, [window[0], question["next"]]), grace)
        cut = whole - whole_seconds(intervals)
    return {
        "seller": seller, "buyer": buyer, "intervals": intervals,
        "seconds": whole_seconds(intervals), "cut_seconds": cut,
        "seller_seconds": visit.person_seconds("seller"),
        "buyer_seconds": visit.person_seconds("buyer"),
    }
