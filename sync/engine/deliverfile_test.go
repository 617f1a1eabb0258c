package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

const contracts = `
syncline: 1
name: Contracts
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: file
  of: contacts
  match: { field: Email, property: email }
  file: Contract
  from: scans
  folder: /Syncline/contracts
fields:
  - { field: Title, property: hs_note_body }
`

const signed = "id,Email,Contract,Title\n1,ada@example.com,a.pdf,Frame\n2,bob@example.com,b.pdf,Offer\n3,Bob@example.com,sub/a again.pdf,Frame too\n"

// fileStage has two contacts and three files, two of which hold the same.
func fileStage(t testing.TB, o practice.Options, document, rows string) *stage {
	t.Helper()
	s := newStage(t, o, document, rows)
	if err := os.MkdirAll(filepath.Join(s.dir, "scans", "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write(s.scan("a.pdf"), "the contract of Ada")
	s.write(s.scan("b.pdf"), "an offer")
	s.write(s.scan("sub/a again.pdf"), "the contract of Ada")
	for _, email := range []string{"ada@example.com", "bob@example.com"} {
		if _, err := s.portal.Create("contacts", map[string]string{"email": email}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *stage) scan(name string) string {
	return filepath.Join(s.dir, "scans", filepath.FromSlash(name))
}

// attached are the notes of the portal: whose each is, what it says, and its file.
func (s *stage) attached() []string {
	s.t.Helper()
	ctx, c := s.t.Context(), s.client()
	names, emails := make(map[string]string), make(map[string]string)
	for _, f := range s.portal.Files() {
		names[f.ID] = f.Path + "." + f.Extension + " " + f.Access
	}
	people, err := c.List(ctx, "contacts", hubspot.ListRequest{Limit: 100, Properties: []string{"email"}})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range people.Records {
		emails[r.ID] = r.Properties["email"].String()
	}
	page, err := c.List(ctx, "notes", hubspot.ListRequest{Limit: 100, Properties: []string{"hs_note_body", "hs_attachment_ids", engine.SyncKeyProperty}})
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, n := range page.Records {
		if n.Properties[engine.SyncKeyProperty].Empty() {
			continue // not ours
		}
		edges, err := c.BatchReadAssociations(ctx, "notes", "contacts", []string{n.ID})
		if err != nil {
			s.t.Fatal(err)
		}
		whose := "nobody"
		if len(edges.Edges) == 1 {
			whose = emails[edges.Edges[0].To]
		}
		all = append(all, whose+": "+n.Properties["hs_note_body"].String()+" "+names[n.Properties["hs_attachment_ids"].String()])
	}
	slices.Sort(all)
	return all
}

// attachedAndStored are the notes, and the files beside them.
func (s *stage) attachedAndStored() []string {
	all := s.attached()
	for _, f := range s.portal.Files() {
		all = append(all, f.MD5)
	}
	slices.Sort(all)
	return all
}

func TestEachFileIsUploadedOnceAndAttachedToItsRecord(t *testing.T) {
	t.Parallel()
	s := fileStage(t, practice.Options{}, contracts, signed)
	res := s.run()
	if res.Counts.Created != 3 || !strings.Contains(strings.Join(res.Notes, " "), "a deleted file can't be restored") {
		t.Errorf("it came to %+v and says %q", res.Counts, res.Notes)
	}
	want := []string{"ada@example.com: Frame /Syncline/contracts/a.pdf PRIVATE", "bob@example.com: Frame too /Syncline/contracts/a.pdf PRIVATE", "bob@example.com: Offer /Syncline/contracts/b.pdf PRIVATE"}
	got := s.attached()
	again := strings.ReplaceAll(strings.Join(got, "\n"), "a again.pdf", "a.pdf") // whichever of the two comes first names it
	if again != strings.Join(want, "\n") || len(s.portal.Files()) != 2 {
		t.Errorf("there are %q and %d files", got, len(s.portal.Files()))
	}
	writes := s.portal.Calls().Writes
	if res := s.run(); res.Counts.Unchanged != 3 || s.portal.Calls().Writes != writes {
		t.Errorf("a second run came to %+v", res.Counts)
	}
	s.write(s.file, signed+"4,ada@example.com,b.pdf,Offer too\n")
	if res := s.run(); res.Counts.Created != 1 || len(s.portal.Files()) != 2 || len(s.attached()) != 4 {
		t.Errorf("the same content in another row came to %+v", res.Counts)
	}
	s.replace("Offer too", "Offer, signed")
	if res := s.run(); res.Counts.Skipped != 1 || len(s.attached()) != 4 {
		t.Errorf("a changed row came to %+v", res.Counts)
	}
}

func TestAFileThatCannotBeAttachedWaitsAndIsSaid(t *testing.T) {
	t.Parallel()
	s := fileStage(t, practice.Options{}, contracts, "id,Email,Contract,Title\n1,nobody@example.com,a.pdf,\n2,ada@example.com,c.pdf,\n3,ada@example.com,../sync.yaml,\n4,ada@example.com,out.pdf,\n5,ada@example.com,sub,\n6,ada@example.com,empty.pdf,\n7,ada@example.com,https://example.com/a.pdf,\n8,,a.pdf,\n9,ada@example.com,,\n10,ada@example.com,b.pdf,\n")
	s.write(s.scan("empty.pdf"), "")
	if err := os.Symlink(s.def, s.scan("out.pdf")); err != nil {
		t.Skip(err)
	}
	res := s.run()
	fates := s.fates(res.PlanID)
	for key, want := range map[string]string{"1": "no contact has “nobody@example.com” as email", "2": "it is not there", "3": "is outside of the folder", "4": "is outside of the folder", "5": "is no ordinary file",
		"6": "is empty", "7": "is a link", "8": "needs a value of", "9": "it names no file"} {
		if !strings.Contains(strings.ReplaceAll(fates[key], `"`, ""), strings.NewReplacer("“", "", "”", "").Replace(want)) {
			t.Errorf("row %s: %s", key, fates[key])
		}
	}
	if res.Counts.Created != 1 || res.Counts.Failed != 8 || res.Counts.Skipped != 1 || len(s.attention()) != 8 {
		t.Errorf("it came to %+v", res.Counts)
	}
	if _, err := s.portal.Create("contacts", map[string]string{"email": "nobody@example.com"}); err != nil {
		t.Fatal(err)
	}
	s.write(s.scan("c.pdf"), "late")
	if res := s.run(); res.Counts.Created != 2 || res.Counts.Failed != 6 {
		t.Errorf("once the record and the file are there it comes to %+v", res.Counts)
	}
}

func TestADocumentAboutFilesThatCannotBeAttachedIsToldBefore(t *testing.T) {
	t.Parallel()
	for want, change := range map[string][2]string{
		`contacts has no property "emial"`:         {"property: email", "property: emial"},
		`a note has no property "hs_note_bod"`:     {"property: hs_note_body", "property: hs_note_bod"},
		`has no column "Contrakt"`:                 {"file: Contract", "file: Contrakt"},
		`scams can't be opened: it is not there`:   {"from: scans", "from: scams"},
		`"kontacts" is no object type`:             {"of: contacts", "of: kontacts"},
		`hs_attachment_ids is written by Syncline`: {"property: hs_note_body", "property: hs_attachment_ids"},
	} {
		s := fileStage(t, practice.Options{}, strings.Replace(contracts, change[0], change[1], 1), signed)
		var problems []definition.Problem
		if _, err := s.with(func(ctx context.Context, e *engine.Engine) (_ engine.Result, err error) {
			problems, err = e.Check(ctx)
			return engine.Result{}, err
		}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%q is not among %v", want, problems)
		}
	}
}

// Whatever becomes of an answer, each content is there once and attached once for
// each row.
func TestALostAnswerDoublesNoFileAndNoNote(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for _, where := range []string{"/files/", "notes/batch/create"} {
		for _, kind := range []practice.FaultKind{practice.ServerErrorAfter, practice.HalfCommitted, practice.ResetAfter, practice.Truncated, practice.Zombie} {
			t.Run(fmt.Sprint(where, kind), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := fileStage(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: kind, Method: "POST", Path: where, Times: 2}}}}, contracts, signed)
					if res := s.run(); res.Counts.Created != 3 {
						t.Errorf("it came to %+v", res.Counts)
					}
					if got := s.attachedAndStored(); len(got) != 5 {
						t.Errorf("there are %q", got)
					}
					s.wantNothingToDo(3)
				})
			})
		}
	}
}

func TestARunThatAttachesFilesAndDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	diesAnywhere(t, 8, func() *stage {
		return fileStage(t, practice.Options{}, contracts, strings.Replace(signed, "sub/a again.pdf", "a.pdf", 1))
	}, (*stage).attachedAndStored)
}

// undoFiles undoes a run, confirmed or not.
func (s *stage) undoFiles(runID string, yes bool) (engine.Result, error) {
	s.yes = yes
	defer func() { s.yes = false }()
	return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, runID) })
}

// An undo takes back what the run attached and uploaded, once a person has
// confirmed it, and nothing that another row or person has a part in.
func TestTheUndoOfFilesTakesBackWhatIsTheRunsAlone(t *testing.T) {
	t.Parallel()
	s := fileStage(t, practice.Options{}, contracts, signed)
	theirs, err := s.client().UploadFile(t.Context(), hubspot.FileUpload{Name: "offer.pdf", Size: 8, Open: func() (io.ReadCloser, error) { return os.Open(s.scan("b.pdf")) }, Folder: "/syncline/contracts", Access: hubspot.FilePrivate})
	if err != nil {
		t.Fatal(err)
	}
	first := s.run()
	s.write(s.file, signed+"4,ada@example.com,a.pdf,Once more\n")
	second := s.run()
	var asked *engine.GuardError
	if _, err := s.undoFiles(second.RunID, false); !errors.As(err, &asked) || len(s.attached()) != 4 {
		t.Fatalf("unconfirmed: %v", err)
	}
	res, err := s.undoFiles(first.RunID, true)
	if err != nil || res.Counts.Archived != 3 || len(s.attached()) != 1 || len(s.portal.Files()) != 2 {
		t.Errorf("the first came to %+v, %v; there are %q and %d files", res.Counts, err, s.attached(), len(s.portal.Files()))
	}
	if res := s.run(); res.Counts.Created != 0 || res.Counts.Skipped != 3 {
		t.Errorf("what was undone is sent again: %+v", res.Counts)
	}
	res, err = s.undoFiles(second.RunID, true)
	if err != nil || res.Counts.Archived != 1 || len(s.attached()) != 0 {
		t.Errorf("the second came to %+v, %v", res.Counts, err)
	}
	if left := s.portal.Files(); len(left) != 1 || left[0].ID != theirs.ID {
		t.Errorf("the files that are left are %+v", left)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.DeliverAgain(ctx, 1, []string{"1"}); err != nil {
			t.Fatal(err)
		}
	})
	if res := s.run(); res.Counts.Created != 1 || len(s.attached()) != 1 || len(s.portal.Files()) != 2 {
		t.Errorf("asked for once more it came to %+v", res.Counts)
	}
}

// Whatever a person did to a note since keeps it, and its file: any property, filled in or
// changed, and whatever it was associated with.
func TestANoteThatAPersonChangedStays(t *testing.T) {
	t.Parallel()
	edit := func(property, value string) func(*stage, string) error {
		return func(s *stage, id string) error { return s.portal.Edit("notes", id, map[string]string{property: value}) }
	}
	for name, touch := range map[string]func(s *stage, id string) error{
		"its text": edit("hs_note_body", "Offer, talked about"),
		"its time": edit("hs_timestamp", "2026-03-01T10:00:00.000Z"),
		"its owner": func(s *stage, id string) error {
			return edit("hubspot_owner_id", s.portal.AddOwner("ann@acme.com", "Ann", "Lee"))(s, id)
		},
		"what it hangs on": func(s *stage, id string) error {
			company, err := s.portal.Create("companies", map[string]string{"name": "Acme"})
			return errors.Join(err, s.portal.Associate("notes", id, "companies", company, ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fileStage(t, practice.Options{}, contracts, signed)
			first := s.run()
			page, err := s.client().List(t.Context(), "notes", hubspot.ListRequest{Limit: 100, Properties: []string{"hs_note_body"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range page.Records {
				if n.Properties["hs_note_body"].String() == "Offer" {
					if err := touch(s, n.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
			res, err := s.undoFiles(first.RunID, true)
			if err != nil || res.Counts.Archived != 2 || res.Counts.Skipped != 1 || len(s.attached()) != 1 || len(s.portal.Files()) != 1 {
				t.Errorf("it came to %+v, %v; there are %q", res.Counts, err, s.attached())
			}
		})
	}
}

// A file that comes to hold, while it is uploaded, what another one in the folder holds is told,
// and the other one stays.
func TestAFileThatChangesWhileItIsUploadedTakesNoOtherAway(t *testing.T) {
	t.Parallel()
	s := fileStage(t, practice.Options{}, contracts, "id,Email,Contract,Title\n1,ada@example.com,a.pdf,Frame\n")
	theirs, err := s.client().UploadFile(t.Context(), hubspot.FileUpload{Name: "offer.pdf", Size: 8, Open: func() (io.ReadCloser, error) { return os.Open(s.scan("b.pdf")) }, Folder: "/Syncline/contracts", Access: hubspot.FilePrivate})
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(s.scan("b.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(s.scan("a.pdf"), "a letter")
	s.at = func(point string) {
		if point == "uploading" {
			s.write(s.scan("a.pdf"), string(other))
		}
	}
	res := s.run()
	if files := s.portal.Files(); res.Counts.Failed != 1 || len(files) != 1 || files[0].ID != theirs.ID {
		t.Errorf("it came to %+v; the files are %+v", res.Counts, s.portal.Files())
	}
	s.at = nil
	if res := s.run(); res.Counts.Created != 1 || len(s.attached()) != 1 {
		t.Errorf("the next run came to %+v", res.Counts)
	}
}

// Wherever the undo of attached files dies, another one takes back the rest, and nothing is
// attached again.
func TestAnUndoOfFilesThatDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills an undo at each of its points")
	}
	for _, between := range []string{"undone again", "run", "a person changed a note"} {
		for n := 1; ; n++ {
			s := fileStage(t, practice.Options{}, contracts, signed)
			first := s.run()
			point, stopped := s.stopWhenIn(func(string) bool { return true }, n, func() (engine.Result, error) { return s.undoFiles(first.RunID, true) })
			if !stopped {
				if n < 6 {
					t.Errorf("the undo has only %d points", n)
				}
				break
			}
			left := 0
			switch between {
			case "run":
				if res := s.run(); res.Counts.Created != 0 {
					t.Errorf("after %d (%s): a run came to %+v", n, point, res.Counts)
				}
			case "a person changed a note":
				for id, note := range s.portal.Records("notes") {
					if strings.HasPrefix(note["hs_note_body"], "Offer") {
						if err := s.portal.Edit("notes", id, map[string]string{"hs_note_body": "Offer, talked about"}); err != nil {
							t.Fatal(err)
						}
						left = 1
					}
				}
			}
			res, err := s.undoFiles(first.RunID, true)
			if err != nil || res.Counts.Sum() != res.Counts.Read {
				t.Fatalf("after %d (%s): it came to %+v, %v", n, point, res.Counts, err)
			}
			if got := s.attached(); len(got) != left || len(s.portal.Files()) != left {
				t.Errorf("%s, after %d (%s): there are %q and %d files", between, n, point, got, len(s.portal.Files()))
			}
			if res := s.run(); res.Counts.Created != 0 || len(s.attached()) != left {
				t.Errorf("%s, after %d (%s): a run behind it came to %+v", between, n, point, res.Counts)
			}
		}
	}
}

// A note that a person moved to another record is not where the run put it, and stays.
func TestANoteThatAPersonMovedStays(t *testing.T) {
	t.Parallel()
	s := fileStage(t, practice.Options{}, contracts, signed)
	first := s.run()
	company, err := s.portal.Create("companies", map[string]string{"name": "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	bob, _ := s.by("email", "bob@example.com")
	ada, _ := s.by("email", "ada@example.com")
	for id, note := range s.portal.Records("notes") {
		var moved error
		switch note["hs_note_body"] {
		case "Offer":
			moved = errors.Join(s.portal.Dissociate("notes", id, "contacts", bob, ""), s.portal.Associate("notes", id, "contacts", ada, ""))
		case "Frame":
			moved = errors.Join(s.portal.Dissociate("notes", id, "contacts", ada, ""), s.portal.Associate("notes", id, "companies", company, ""))
		}
		if moved != nil {
			t.Fatal(moved)
		}
	}
	res, err := s.undoFiles(first.RunID, true)
	if err != nil || res.Counts.Archived != 1 || res.Counts.Skipped != 2 || len(s.attached()) != 2 || len(s.portal.Files()) != 2 {
		t.Errorf("it came to %+v, %v; there are %q and %d files", res.Counts, err, s.attached(), len(s.portal.Files()))
	}
}

// Two syncs that attach the same content share the file: the undo of the one leaves it to the
// other, whose undo takes it away.
func TestAFileThatTwoSyncsAttachedGoesWithTheLastOfThem(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		s := fileStage(t, practice.Options{}, contracts, signed)
		var runs []string
		docs := []string{contracts, strings.Replace(contracts, "name: Contracts", "name: Papers", 1)}
		for i, doc := range docs {
			s.def = filepath.Join(s.dir, fmt.Sprintf("sync%d.yaml", i))
			s.write(s.def, doc)
			res := s.run()
			if res.Counts.Created != 3 || len(s.portal.Files()) != 2 {
				t.Fatalf("%+v, %d files", res.Counts, len(s.portal.Files()))
			}
			runs = append(runs, res.RunID)
		}
		for k, i := range order {
			s.def = filepath.Join(s.dir, fmt.Sprintf("sync%d.yaml", i))
			res, err := s.undoFiles(runs[i], true)
			if want := 2 - 2*k; err != nil || res.Counts.Archived != 3 || len(s.portal.Files()) != want {
				t.Errorf("%v: undo %d came to %+v, %v, and left %d files, want %d", order, i, res.Counts, err, len(s.portal.Files()), want)
			}
		}
	}
}

// A file that changed under its path since it was attached is told, and attached once more where
// a person asks for it.
func TestAFileThatChangedSinceItWasAttachedIsTold(t *testing.T) {
	t.Parallel()
	s := fileStage(t, practice.Options{}, contracts, signed)
	s.run()
	s.write(s.scan("b.pdf"), "an offer, signed")
	res := s.run()
	if why := s.fates(res.PlanID)["2"]; res.Counts.Skipped != 1 || !strings.Contains(why, `the file "b.pdf" has changed since`) || !strings.Contains(why, "retry with --row") {
		t.Errorf("it came to %+v: %s", res.Counts, why)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.DeliverAgain(ctx, 1, []string{"2"}); err != nil {
			t.Fatal(err)
		}
	})
	if res := s.run(); res.Counts.Created != 1 || len(s.attached()) != 4 || len(s.portal.Files()) != 3 {
		t.Errorf("asked for once more it came to %+v", res.Counts)
	}
	if res := s.run(); res.Counts.Unchanged != 3 {
		t.Errorf("a further run came to %+v", res.Counts)
	}
}

// A row that was sent once more has two notes: each is taken back with its own run, and keeps its
// file until then.
func TestTheNoteBeforeTheLastKeepsItsFileAndIsTakenBackToo(t *testing.T) {
	t.Parallel()
	s := fileStage(t, practice.Options{}, contracts, "id,Email,Contract,Title\n1,ada@example.com,a.pdf,Frame\n")
	runs := []string{s.run().RunID}
	s.write(s.scan("a.pdf"), "the contract of Ada, signed")
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.DeliverAgain(ctx, 1, []string{"1"}); err != nil {
			t.Fatal(err)
		}
	})
	runs = append(runs, s.run().RunID)
	s.write(s.file, "id,Email,Contract,Title\n1,ada@example.com,a.pdf,Frame\n2,bob@example.com,sub/a again.pdf,Old\n")
	runs = append(runs, s.run().RunID)
	if n := len(s.attached()); n != 3 || len(s.portal.Files()) != 2 {
		t.Fatalf("there are %d notes and %d files", n, len(s.portal.Files()))
	}
	for i, want := range []struct{ run, files int }{{2, 2}, {0, 1}, {1, 0}} {
		res, err := s.undoFiles(runs[want.run], true)
		if err != nil || res.Counts.Archived != 1 || len(s.attached()) != 2-i || len(s.portal.Files()) != want.files {
			t.Errorf("undo of run %d came to %+v, %v; there are %d notes and %d files", want.run+1, res.Counts, err, len(s.attached()), len(s.portal.Files()))
		}
	}
}
