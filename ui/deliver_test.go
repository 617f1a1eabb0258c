package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

const attendance = `syncline: 1
name: Attendance
source: { kind: csv, path: webinar.csv, key: [id] }
hubspot:
  object: timeline-event
  event: "1001298"
  match: { field: Email, property: email }
fields:
  - { field: Webinar, property: webinar }
  - { field: Minutes, property: minutes }
`

// A sync whose rows become no records is previewed and applied in the window as any
// other, and its field map says where it is written.
func TestASyncOfEventsIsCarriedOutInTheWindow(t *testing.T) {
	b := shelltest.New(t, look.Light, true)
	dir := t.TempDir()
	path := filepath.Join(dir, "attendance.yaml")
	for name, text := range map[string]string{"attendance.yaml": attendance, "webinar.csv": "id,Email,Webinar,Minutes\n1,ann@example.com,Chains,45\n2,bob@example.com,Wires,many\n3,,Wires,7\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.W.App.AddSync(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	b.W.GoTo(shell.PlaceHome)
	b.Until("the sync’s card", func() bool { return b.Button("Preview") != nil })
	b.Tap("Preview")
	plan := b.Planned("the plan")
	b.Settle()
	if c := plan.View().Summary.Counts; c.Created != 2 || c.Failed != 1 || !strings.Contains(strings.Join(plan.View().Summary.Notes, " "), "can't be taken back") {
		t.Errorf("the plan is %+v and says %q", c, plan.View().Summary.Notes)
	}
	b.Tap("Apply 2 changes")
	run, err := b.Ran("the run").Job().Result()
	if err != nil || run.Counts.Created != 1 || run.Counts.Failed != 2 {
		t.Errorf("the run came to %+v, %v", run.Counts, err)
	}
	b.Settle()
	for _, place := range []shell.Place{shell.PlaceHome, shell.PlaceReview, shell.PlaceRuns} {
		b.W.GoTo(place)
		b.Settle()
	}
	b.W.Rooms.FieldMap(path, nil)
	b.Until("what the field map says", b.Open)
	if said := shelltest.Texts(b.Dialog("what it says")); !strings.Contains(said, "is written in its document") {
		t.Errorf("the field map says %s", said)
	}
}
