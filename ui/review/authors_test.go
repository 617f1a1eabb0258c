package review

import (
	"testing"
)

// Beside HubSpot's value stands who wrote it there and when, and beside the row's when it was changed,
// where that is known; what belongs to another conflict does not show.
func TestWhoWroteTheValuesStandsBesideThem(t *testing.T) {
	b, r := reviewing(t)
	b.Until("who wrote HubSpot’s value", func() bool { return r.side.HubSpot.When != "" })
	b.Picture("review-who", 1280, 800)
	b.Picture("review-who-1024", 1024, 640)
	c, _ := r.currentConflict()
	if r.side.HubSpot.Who == "Record "+c.RecordID || r.side.HubSpot.Who == "" {
		t.Errorf("HubSpot’s value is by %q", r.side.HubSpot.Who)
	}
	if r.side.Source.Who != "Row "+c.RowKey {
		t.Errorf("the row’s value is by %q", r.side.Source.Who)
	}
	r.readAuthors(c)
	b.Answered()
	r.list.Select(1)
	b.Next()
	if next, _ := r.currentConflict(); next.ID == c.ID || r.side.HubSpot.Who != "Record "+next.RecordID || r.side.HubSpot.When != "" {
		t.Errorf("the next conflict is by %q, %s", r.side.HubSpot.Who, r.side.HubSpot.When)
	}
}
