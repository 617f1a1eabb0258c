package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"syncline/app"
	"syncline/app/shown"
	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// twins is a file of people of whom some are in the portal already, under other addresses.
func twins(t *testing.T) (*app.App, *practice.Portal, string, map[string]string) {
	t.Helper()
	ctx, portal := t.Context(), practicetest.New(t, practice.Options{Limits: practice.Limits{Burst: 100_000, Search: 100_000}})
	ids := map[string]string{}
	for name, props := range map[string]map[string]string{
		"xiomara": {"email": "xiomara@example.com", "firstname": "Xiomara", "lastname": "Devereaux", "phone": "+43 664 1234567", "city": "Graz"},
		"aurel":   {"email": "aurel@example.com", "firstname": "Aurel", "lastname": "Dimov", "phone": "+43 664 2222222", "jobtitle": "Buyer", "hs_lead_status": "OPEN"},
		"aurel2":  {"email": "aurel.dimov@example.org", "firstname": "Aurel", "lastname": "Dimov", "phone": "0664 2222222", "city": "Linz", "hs_lead_status": "CONNECTED"},
		"bram":    {"email": "bram@example.com", "firstname": "Bram", "lastname": "Castellan"},
		"petra":   {"email": "office@example.net", "firstname": "Petra", "lastname": "Quist"},
	} {
		id, err := portal.Create("contacts", props)
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = id
	}
	a, err := app.Open(ctx, app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	path := filepath.Join(dir, "people.yaml")
	for name, text := range map[string]string{
		"people.csv": "id,Email,First,Last,Phone\n" +
			"1,xd@example.org,Xiomara,Deveraux,0664/1234567\n" + // there, misspelt, by another address
			"2,bram@example.com,Bram,Castellan,\n" + // matched by its address
			"3,lena@example.com,Lena,Varnholt,0664 7654321\n" +
			"4,lena.v@example.com,Lena,Varnholt,+43 664 7654321\n" + // the same once more
			"5,office@example.net,Ole,Hartwig,\n", // matched by an address, and another person
		"people.yaml": "syncline: 1\nid: twins00001\nname: People\nsource: { kind: csv, path: people.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\ncreate: hubspot\n" +
			"fields: [{ field: Email, property: email }, { field: First, property: firstname }, { field: Last, property: lastname }, { field: Phone, property: phone }]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return a, portal, path, ids
}

func duplicatesOf(t *testing.T, a *app.App, path string) *app.Duplicates {
	t.Helper()
	d, err := a.FindDuplicates(t.Context(), path, shown.New(language.English, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pairsTold lists the pairs of a kind.
func pairsTold(d *app.Duplicates, kind app.Likeness) (all []string) {
	for _, i := range d.Pairs(kind) {
		p := d.At(i)
		all = append(all, p.A.Name+" = "+p.B.Name)
	}
	return all
}

// Before a load it is told what a load would make twice, what is twice in the file and in HubSpot, and
// what a match key joins though it is another; not what it joins rightly.
func TestDuplicatesAreToldBeforeALoad(t *testing.T) {
	t.Parallel()
	a, _, path, _ := twins(t)
	d := duplicatesOf(t, a, path)
	for kind, want := range map[app.Likeness][]string{
		app.TwinAnew:    {"Xiomara Deveraux = Xiomara Devereaux"},
		app.TwinRows:    {"Lena Varnholt = Lena Varnholt"},
		app.TwinRecords: {"Aurel Dimov = Aurel Dimov"},
		app.TwinJoined:  {"Ole Hartwig = Petra Quist"},
	} {
		if got := pairsTold(d, kind); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", kind.Title(), got, want)
		}
	}
	if d.Matched != 1 || d.Rows != 5 || d.Looked != 5 {
		t.Errorf("%d of %d rows are matched, %d records", d.Matched, d.Rows, d.Looked)
	}
	lines, err := d.Compare(t.Context(), d.Pairs(app.TwinAnew)[0])
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(lines, func(l app.TwinLine) bool { return l.Property.Name == "lastname" })
	if at < 0 || lines[at].A != "Deveraux" || lines[at].B != "Devereaux" || lines[at].Same {
		t.Errorf("side by side: %+v", lines)
	}
}

// What is said of a pair holds for the next plan and is never asked again: a row and a record that are
// the same are linked, two rows that are the same make one record, and what is different stays two.
func TestWhatIsSaidOfAPairHolds(t *testing.T) {
	t.Parallel()
	a, portal, path, ids := twins(t)
	ctx := t.Context()
	s, err := a.OpenSync(ctx, path, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.Preview(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	d := duplicatesOf(t, a, path)
	for _, err := range []error{d.Same(ctx, d.Pairs(app.TwinAnew)[0]), d.Same(ctx, d.Pairs(app.TwinRows)[0]), d.Different(ctx, d.Pairs(app.TwinJoined)[0]), d.Different(ctx, d.Pairs(app.TwinRecords)[0])} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if s, err = a.OpenSync(ctx, path, app.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(ctx, before.PlanID); err == nil {
		t.Error("a plan that was made before the decisions was applied")
	}
	s.Close()
	runOnce(t, a, path)
	if p, _ := portal.Record("contacts", ids["xiomara"]); p["lastname"] != "Deveraux" || p["email"] != "xd@example.org" {
		t.Errorf("the row was not linked with its record: %v", p)
	}
	if p, _ := portal.Record("contacts", ids["petra"]); p["lastname"] != "Quist" {
		t.Errorf("a row was written onto the record of another: %v", p)
	}
	// The two rows are one record more; the row that is not Petra can't have her address.
	if n := portal.Count("contacts"); n != 7 {
		t.Errorf("%d contacts, want the five, one Lena, and Ole without the address", n)
	}
	d = duplicatesOf(t, a, path)
	for kind := range app.TwinJoined + 1 {
		if got := pairsTold(d, kind); len(got) != 0 {
			t.Errorf("asked again: %s %v", kind.Title(), got)
		}
	}
}

// A decision can be taken back, and is asked about again then.
func TestWhatIsSaidOfAPairCanBeTakenBack(t *testing.T) {
	t.Parallel()
	a, portal, path, _ := twins(t)
	ctx := t.Context()
	d := duplicatesOf(t, a, path)
	i := d.Pairs(app.TwinAnew)[0]
	if err := d.Same(ctx, i); err != nil {
		t.Fatal(err)
	}
	if err := d.Undecide(ctx, i); err != nil || d.At(i).Verdict != "" {
		t.Fatal(err)
	}
	if again := pairsTold(duplicatesOf(t, a, path), app.TwinAnew); len(again) != 1 {
		t.Errorf("asked again: %v", again)
	}
	runOnce(t, a, path)
	if n := portal.Count("contacts"); n != 8 {
		t.Errorf("%d contacts, want a record of each row that was not matched", n)
	}
}

// That two rows are the same can be taken back also after a run went by it.
func TestThatTwoRowsAreTheSameCanBeTakenBackAfterARun(t *testing.T) {
	t.Parallel()
	a, portal, path, _ := twins(t)
	ctx := t.Context()
	d := duplicatesOf(t, a, path)
	i := d.Pairs(app.TwinRows)[0]
	if err := d.Same(ctx, i); err != nil {
		t.Fatal(err)
	}
	runOnce(t, a, path)
	before := portal.Count("contacts")
	if err := d.Undecide(ctx, i); err != nil {
		t.Fatal(err)
	}
	if err := d.Different(ctx, i); err != nil {
		t.Errorf("the two can't be different any more: %v", err)
	}
	runOnce(t, a, path)
	if n := portal.Count("contacts"); n != before+1 {
		t.Errorf("%d contacts, want one more than %d", n, before)
	}
}

// What is said of a pair is kept while a screen asks how the pairs stand.
func TestPairsCanBeAskedWhileOneIsDecided(t *testing.T) {
	t.Parallel()
	a, _, path, _ := twins(t)
	d := duplicatesOf(t, a, path)
	i := d.Pairs(app.TwinAnew)[0]
	kept := make(chan error)
	go func() { kept <- d.Different(t.Context(), i) }()
	for open := 1; open > 0; { // the race detector tells what stands in the way of what
		if open = d.Open(app.TwinAnew); d.At(i).Verdict == "" && len(d.Pairs(app.TwinAnew)) == 0 {
			t.Error("the pair is gone")
		}
	}
	if err := <-kept; err != nil || d.At(i).Verdict != "different" {
		t.Errorf("the pair is %q: %v", d.At(i).Verdict, err)
	}
}

// Two records become one only by HubSpot's merge, which is typed, shown before, kept with what both
// held, and refused where somebody edits meanwhile.
func TestRecordsAreMergedByATypedWord(t *testing.T) {
	t.Parallel()
	a, portal, path, ids := twins(t)
	ctx := t.Context()
	d := duplicatesOf(t, a, path)
	i := d.Pairs(app.TwinRecords)[0]
	if err := d.Same(ctx, i); !errors.Is(err, app.ErrMergeInstead) {
		t.Errorf("records were said to be the same without a merge: %v", err)
	}
	keepB := d.At(i).B.ID == ids["aurel"]
	m, err := d.PreviewMerge(ctx, i, keepB)
	if err != nil {
		t.Fatal(err)
	}
	becomes := map[string]string{}
	for _, l := range m.Lines {
		becomes[l.Property.Name] = l.Becomes
	}
	if m.Keep.ID != ids["aurel"] || becomes["city"] != "Linz" || becomes["jobtitle"] != "Buyer" || becomes["email"] != "aurel@example.com" || becomes["hs_lead_status"] != "Open" || m.Lost != 2 {
		t.Errorf("the preview: %d lost, %v", m.Lost, becomes)
	}
	if _, err := d.Merge(ctx, i, m, "yes"); err == nil || portal.Count("contacts") != 5 {
		t.Errorf("merged without the word: %v", err)
	}
	if err := portal.Edit("contacts", ids["aurel2"], map[string]string{"city": "Wels"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Merge(ctx, i, m, "merge"); err == nil || !strings.Contains(err.Error(), "changed since it was shown") {
		t.Errorf("merged what moved: %v", err)
	}
	if m, err = d.PreviewMerge(ctx, i, keepB); err != nil {
		t.Fatal(err)
	}
	survivor, err := d.Merge(ctx, i, m, " Merge")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range m.Lines {
		if l.Property.Name == "email" {
			continue // which shows the further address in another property
		}
		p, _ := portal.Record("contacts", survivor)
		got := p[l.Property.Name]
		for _, o := range l.Property.Options {
			if o.Value == got {
				got = o.Label // as people see it
			}
		}
		if got != l.Becomes && l.Property.Name != "lifecyclestage" {
			t.Errorf("%s became %q, the preview said %q", l.Property.Name, got, l.Becomes)
		}
	}
	if d.At(i).Verdict != store.TwinSame {
		t.Error("the pair waits for a word still")
	}
	if err := d.Undecide(ctx, i); err == nil {
		t.Error("a merge was taken back")
	}
}

// Of two rows that are the same the one leads that has a record already, also where it comes later: the
// other one makes none. Two that both have one are not the same by a word: their records are to be merged.
func TestTheRowThatHasARecordLeads(t *testing.T) {
	t.Parallel()
	const first, second = "3,lena@example.com,Lena,Varnholt,0664 7654321\n", "4,lena.v@example.com,Lena,Varnholt,+43 664 7654321\n"
	for without, want := range map[string]int{first: 1, second: 1, "": 2} {
		a, portal, path, _ := twins(t)
		ctx := t.Context()
		csv := filepath.Join(filepath.Dir(path), "people.csv")
		whole, err := os.ReadFile(csv)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(csv, []byte(strings.Replace(string(whole), without, "", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		runOnce(t, a, path)
		if err := os.WriteFile(csv, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		before := portal.Count("contacts")
		d := duplicatesOf(t, a, path)
		i := d.Pairs(app.TwinRows)[0]
		err = d.Same(ctx, i)
		if want == 2 {
			if err == nil || !strings.Contains(err.Error(), "merge") || d.At(i).Verdict != "" {
				t.Errorf("two rows with a record each count as one: %v", err)
			}
		} else if err != nil {
			t.Error(err)
		}
		runOnce(t, a, path)
		lenas := 0
		for _, p := range portal.Records("contacts") {
			if p["lastname"] == "Varnholt" {
				lenas++
			}
		}
		if n := portal.Count("contacts"); lenas != want || n != before {
			t.Errorf("without %q at first: %d Lenas of %d contacts, want %d of %d", without, lenas, n, want, before)
		}
	}
}

// Three that look like one are decided pair by pair: each decision holds beside the others, and one that
// does not agree with them is refused with a sentence that names them.
func TestDecisionsAboutThreeThatLookLikeOneAgree(t *testing.T) {
	t.Parallel()
	a, portal, path, _ := twins(t)
	ctx := t.Context()
	lena, err := portal.Create("contacts", map[string]string{"firstname": "Lena", "lastname": "Varnholt", "phone": "+43 664 7654321"})
	if err != nil {
		t.Fatal(err)
	}
	d := duplicatesOf(t, a, path)
	pair := func(kind app.Likeness, row string) int {
		t.Helper()
		for _, i := range d.Pairs(kind) {
			if p := d.At(i); kind == app.TwinRows || p.A.ID == row && p.B.ID == lena || p.B.ID == row && p.A.ID == lena {
				return i
			}
		}
		t.Fatalf("no pair of row %s", row)
		return 0
	}
	for _, err := range []error{d.Same(ctx, pair(app.TwinAnew, "4")), d.Same(ctx, pair(app.TwinRows, ""))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	i := pair(app.TwinAnew, "3")
	var use *app.UseError
	if err := d.Different(ctx, i); !errors.As(err, &use) || !strings.Contains(use.Msg, "the row 3 is the row 4") && !strings.Contains(use.Msg, "the row 4 is the row 3") || d.At(i).Verdict != "" {
		t.Errorf("%v", err)
	}
	runOnce(t, a, path)
	n := 0
	for _, p := range portal.Records("contacts") {
		if p["lastname"] == "Varnholt" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d Lenas, want the one that was there", n)
	}
}
