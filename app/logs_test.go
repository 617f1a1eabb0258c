package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/app"
	"syncline/app/logbook"
)

// field is the value of a field of a line, "" where it has none.
func field(e logbook.Entry, name string) string {
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// told are the messages of lines, with their phase.
func told(lines []logbook.Entry) []string {
	var out []string
	for _, e := range lines {
		out = append(out, strings.TrimSpace(e.Message+" "+field(e, "phase")))
	}
	return out
}

const logged = `syncline: 1
name: Secret project
source: { kind: csv, path: people.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Mail, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Mail, property: email }
  - { field: Phone, property: phone }
  - { field: Stage, property: lifecyclestage }
`

func TestTheLogTellsWhatHappened(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	path := filepath.Join(dir, "sync.yaml")
	for name, text := range map[string]string{"sync.yaml": logged, "people.csv": "id,Mail,Phone,Stage\n1,ann@example.com,+49 30 1234567,lead\n2,bob@example.com,030 7654321,Zzyzx\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := app.Open(ctx, app.Environment{Workspace: filepath.Join(dir, "ws")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.ConnectPractice(ctx); err != nil {
		t.Fatal(err)
	}
	s, err := a.OpenSync(ctx, path, app.Options{Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	if res, err := s.Run(ctx, ""); err != nil || res.Counts.Created != 1 || res.Counts.Failed != 1 {
		t.Fatalf("%+v, %v", res.Counts, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "people.csv")); err != nil {
		t.Fatal(err)
	}
	j, err := a.Start(ctx, app.Work{Kind: app.JobPreview, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Result(); err == nil {
		t.Fatal("a missing file is no error")
	}
	lines, err := a.Logs(1000)
	if err != nil {
		t.Fatal(err)
	}
	messages := told(lines)
	if messages[0] != "program started" || messages[len(messages)-1] != "open failed" {
		t.Errorf("%q", messages)
	}
	for _, want := range []string{"connect", "work began", "phase reading", "phase planning", "phase writing", "phase done", "work ended"} {
		if !slices.Contains(messages, want) {
			t.Errorf("the log does not tell %q: %q", want, messages)
		}
	}
	calls := 0
	for _, e := range lines {
		switch e.Message {
		case "call":
			calls++
			if field(e, "method") == "" || !strings.HasPrefix(field(e, "path"), "/") || strings.Contains(field(e, "path"), "?") || field(e, "status") == "" || field(e, "took") == "" || field(e, "attempt") == "" {
				t.Errorf("a call is told by %+v", e.Fields)
			}
		case "work ended":
			if field(e, "counts.created")+field(e, "counts.failed") != "11" || field(e, "run") == "" || field(e, "outcome") != "done" {
				t.Errorf("the end is told by %+v", e.Fields)
			}
		}
	}
	if calls < 5 {
		t.Errorf("%d calls are told", calls)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	// Nothing of anybody's data is in it, and an export is the same.
	out := filepath.Join(dir, "log.json")
	n, err := a.ExportLogs(out)
	if err != nil || n != len(lines)+1 {
		t.Errorf("%d lines were exported of %d: %v", n, len(lines)+1, err)
	}
	exported, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "ws", "logs", logbook.File))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(exported), string(kept)} {
		for _, private := range []string{"ann@", "bob@", "1234567", "7654321", "Zzyzx", "Secret project"} {
			if strings.Contains(text, private) {
				t.Errorf("the log tells %q", private)
			}
		}
		for line := range strings.Lines(text) {
			if !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %s", line)
			}
		}
	}
}

// A folder stands where the file should go: that is all that is said, and
// nothing is left beside it.
func TestAnExportThatCanNotTakeItsPlaceSaysWhy(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "for-support.log")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := o.ExportLogs(path)
	if err == nil || !strings.Contains(err.Error(), "the export was not written") || strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}
