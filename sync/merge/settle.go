package merge

import "syncline/sync/record"

// Take is what a person chose for a conflict.
type Take string

// The choices.
const (
	TakeSource  Take = "source"  // the source's value
	TakeHubSpot Take = "hubspot" // HubSpot's value
	TakeBase    Take = "base"    // what both had when they last agreed
	TakeValue   Take = "value"   // a value that the person typed
)

// ParseTake reads a choice as the command line and the store write it.
func ParseTake(s string) (Take, bool) {
	switch t := Take(s); t {
	case TakeSource, TakeHubSpot, TakeBase, TakeValue:
		return t, true
	}
	return "", false
}

// Choice is a person's decision about one conflict.
type Choice struct {
	Take  Take
	Value record.Value // with TakeValue, in the property's form; may be empty, which clears
	// SeenSource and SeenHubSpot are the values that the person decided on. A
	// side that has moved since keeps the conflict open. nil leaves that
	// check out, which only a caller that has just read both sides may do.
	SeenSource, SeenHubSpot *record.Value
}

// Settle decides a conflict by a person's choice (rules 15 to 18).
func Settle(f Field, s State, c Choice) Decision {
	return newPair(f, s).settle(c)
}

// stillOpen decides a field whose conflict nobody has settled.
func (p pair) stillOpen() Decision {
	switch {
	case p.source.unread || p.hubspot.unread:
		return Decision{Action: Conflict, Reason: StillOpen}
	case p.equal():
		return Decision{Action: Adopt, Reason: AgreedAgain}
	}
	return Decision{Action: Conflict, Reason: StillOpen}
}

func (p pair) settle(c Choice) Decision {
	if d := p.stillOpen(); d.Action != Conflict || p.source.unread || p.hubspot.unread {
		return d
	}
	source, hubspot, reason := p.chosen(c)
	if reason == NoBase || reason == StillOpen {
		return Decision{Action: Conflict, Reason: reason}
	}
	if p.moved(p.source.now, c.SeenSource, source) || p.moved(p.hubspot.now, c.SeenHubSpot, hubspot) {
		return Decision{Action: Conflict, Reason: MovedSinceDecided}
	}
	return p.bring(source, hubspot, reason)
}

// chosen returns what each side shall hold by the choice. The reason is NoBase
// or StillOpen where the choice cannot be carried out.
func (p pair) chosen(c Choice) (source, hubspot record.Value, why Reason) {
	switch c.Take {
	case TakeSource:
		v := seenOr(c.SeenSource, p.source.now)
		return v, v, SettledSource
	case TakeHubSpot:
		v := seenOr(c.SeenHubSpot, p.hubspot.now)
		return v, v, SettledHubSpot
	case TakeValue:
		return c.Value, c.Value, SettledValue
	case TakeBase:
		if !p.agreed {
			return record.Value{}, record.Value{}, NoBase
		}
		return p.source.base, p.hubspot.base, SettledBase
	}
	return record.Value{}, record.Value{}, StillOpen
}

// seenOr returns the value that was seen, or else the one that is there now.
func seenOr(seen *record.Value, now record.Value) record.Value {
	if seen != nil {
		return *seen
	}
	return now
}

// moved reports whether a side holds something that the person did not see
// and did not choose for it either (the latter is a choice that was half
// carried out before a crash).
func (p pair) moved(now record.Value, seen *record.Value, chosen record.Value) bool {
	return seen != nil && !p.field.same(now, *seen) && !p.field.same(now, chosen)
}

// bring writes the sides that do not hold what they shall, as far as the
// direction lets them be written.
func (p pair) bring(source, hubspot record.Value, why Reason) Decision {
	writeSource := p.writable(Source) && !p.field.same(p.source.now, source)
	writeHubSpot := p.writable(HubSpot) && !p.field.same(p.hubspot.now, hubspot)
	switch {
	case writeSource && writeHubSpot:
		return Decision{Action: ToBoth, Value: p.field.toWrite(hubspot), SourceValue: p.field.toWrite(source), Reason: why}
	case writeSource:
		return Decision{Action: ToSource, Value: p.field.toWrite(source), Reason: why}
	case writeHubSpot:
		return Decision{Action: ToHubSpot, Value: p.field.toWrite(hubspot), Reason: why}
	}
	return Decision{Action: Adopt, Reason: SettledApart}
}
