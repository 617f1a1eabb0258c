package merge_test

import (
	"testing"
	"time"

	"syncline/sync/definition"
	"syncline/sync/merge"
	"syncline/sync/record"
)

// FuzzResolve gives Resolve any two values with any two bases under every rule.
// Whatever they are, it decides, the same each time; it writes only what a side
// holds (or the union of two sets), in the field's direction, to a side that
// does not hold it; and it asks a person only where both sides have something to
// say.
func FuzzResolve(f *testing.F) {
	for _, s := range [][4]string{{"a", "b", "a", "a"}, {"", "b", "a", "a"}, {"a", "", "", ""}, {" ", "A", "a", "a"}, {"p;q", "q;r", "q", "q"},
		{"+49 30 123", "004930123", "+4930123", ""}, {"<p></p>", "x", "x", "x"}, {"\x00", "\u202e", "é", "é"}} {
		for _, rule := range []byte{0, 1, 2, 3, 4, 5} {
			f.Add(s[0], s[1], s[2], s[3], rule, byte(0), int64(3600))
			f.Add(s[0], s[1], s[2], s[3], rule, byte(0xff), int64(-1))
		}
	}
	compares := []record.Comparison{record.CompareText, record.CompareTextFolded, record.CompareEmail, record.ComparePhone, record.CompareSet, record.CompareHTML}
	f.Fuzz(func(t *testing.T, source, hubspot, baseSource, baseHubSpot string, rule, flags byte, ahead int64) {
		field := merge.Field{Rule: record.Rule{Compare: compares[int(rule)%len(compares)], Region: "DE"}, Direction: directions[int(flags)%len(directions)],
			Policy: policies[int(flags/4)%len(policies)], BlankClears: flags&64 != 0}
		field.Multi = field.Rule.Compare == record.CompareSet
		state := merge.State{Source: record.Text(source), HubSpot: record.Text(hubspot)}
		if flags&128 == 0 {
			a, b := record.Text(baseSource), record.Text(baseHubSpot)
			state.BaseSource, state.BaseHubSpot = &a, &b
		}
		now := time.Unix(1_800_000_000, 0)
		state.HubSpotTime, state.SourceTime = now, now.Add(time.Duration(ahead%1_000_000)*time.Second)

		d := merge.Resolve(field, state)
		if again := merge.Resolve(field, state); again != d {
			t.Fatalf("decided %+v, then %+v", d, again)
		}
		toHubSpot, writesHubSpot := d.ForHubSpot()
		toSource, writesSource := d.ForSource()
		if writesHubSpot && field.Direction == definition.FromHubSpot || writesSource && field.Direction == definition.ToHubSpot {
			t.Fatalf("%v writes against the direction %v", d, field.Direction)
		}
		if writesHubSpot && field.Rule.Same(toHubSpot, state.HubSpot) || writesSource && field.Rule.Same(toSource, state.Source) {
			t.Fatalf("%+v writes what is there", d)
		}
		if writesHubSpot && !field.Multi && !field.Rule.Same(toHubSpot, state.Source) && !toHubSpot.Empty() {
			t.Fatalf("%+v writes to HubSpot what the source does not hold", d)
		}
		if writesSource && !field.Multi && !field.Rule.Same(toSource, state.HubSpot) && !toSource.Empty() {
			t.Fatalf("%+v writes to the source what HubSpot does not hold", d)
		}
		if d.Action == merge.Conflict && state.BaseSource != nil &&
			(field.Rule.Same(state.Source, *state.BaseSource) || field.Rule.Same(state.HubSpot, *state.BaseHubSpot)) {
			t.Fatalf("%+v asks although one side did not change", d)
		}
	})
}
