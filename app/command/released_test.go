package command_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
)

// workspaces holds what the programs of releases left of a practice job
// (.ci/workspaces), each with notes of what is in it.
const workspaces = "../../store/testdata/workspaces"

// released is what a release's program noted of its workspace.
type released struct {
	Release   string    `json:"release"`
	Program   string    `json:"program"`
	Format    int       `json:"format"`
	Made      time.Time `json:"made"`
	Both      string    `json:"both"`
	Undone    string    `json:"undone"`
	Staffed   string    `json:"staffed"`
	Plan      string    `json:"plan"`
	Links     []string  `json:"links"`
	Edges     []string  `json:"edges"`
	Bases     []string  `json:"bases"`
	Audit     []string  `json:"audit"`
	Conflicts []string  `json:"conflicts"`
	Decisions []string  `json:"decisions"`
	Attention []string  `json:"attention"`
	Runs      []string  `json:"runs"`
}

// TestWorkspacesOfEveryReleaseOpenWhole: a workspace that any earlier program
// left holds all that it held, its next run writes nothing, its old runs can be
// undone, and what it left half done is brought to its end.
func TestWorkspacesOfEveryReleaseOpenWhole(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(workspaces, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 18 {
		t.Fatalf("only %d workspaces are kept", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			d, r := inherit(t, file)
			d.holdsWhat(r)
			d.keepsWhatIsSettled(r)
			d.undoesWhatItDid(r)
			d.endsWhatWasOpen()
			d.appliesWhatWasStored(r)
			d.asksAboutWhatReturns()
		})
	}
}

// TestEveryReleaseLeftItsWorkspace: of each version in CHANGELOG.md that is no
// longer the newest one a workspace is kept (make workspace).
func TestEveryReleaseLeftItsWorkspace(t *testing.T) {
	t.Parallel()
	changes, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	versions := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)`).FindAllStringSubmatch(string(changes), -1)
	if len(versions) == 0 {
		t.Fatal("CHANGELOG.md names no version")
	}
	for _, v := range versions[1:] {
		if _, err := os.Stat(filepath.Join(workspaces, v[1]+".json")); err != nil {
			t.Errorf("no workspace of version %s is kept: %v", v[1], err)
		}
	}
}

// inherit puts a kept workspace into a desk, whose portal is the one that it
// worked with, a day later.
func inherit(t *testing.T, file string) (*desk, released) {
	t.Helper()
	var r released
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dir: t.TempDir()}
	unpackTo(t, strings.TrimSuffix(file, "json")+"tar.gz", d.dir)
	began := time.Now()
	d.portal, err = practice.Open(d.path("hubspot.portal"), practice.Options{Now: func() time.Time { return r.Made.Add(24*time.Hour + time.Since(began)) }})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(d.portal)
	t.Cleanup(func() {
		server.Close()
		if err := d.portal.Close(); err != nil {
			t.Error(err)
		}
	})
	d.url, d.token = server.URL, d.portal.AddToken(practice.Token{})
	// This folder stands for the one that the release worked in: before documents had
	// ids, a sync was known by where its document lay.
	d.sqlite(`UPDATE sync SET path = replace(path, '/tmp/ada', '` + d.dir + `')`)
	return d, r
}

func unpackTo(t *testing.T, file, dir string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for all := tar.NewReader(z); ; {
		h, err := all.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		text, err := io.ReadAll(all)
		if err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o700)); err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// holdsWhat compares what is in the workspace with what its release noted, and
// looks for the copy of it as it was.
func (d *desk) holdsWhat(r released) {
	d.t.Helper()
	ctx := d.t.Context()
	s, err := store.Open(ctx, d.path("workspace"))
	if err != nil {
		d.t.Fatal(err)
	}
	links, bases := pairsOf(d.t, s)
	for what, got := range map[string][2][]string{
		"links":     {links, r.Links},
		"bases":     {bases, r.Bases},
		"edges":     {edgesOf(d.t, s), r.Edges},
		"audit":     {auditOf(d.t, s), r.Audit},
		"conflicts": {conflictsOf(d.t, s), r.Conflicts},
		"attention": {attentionOf(d.t, s), r.Attention},
		"runs":      {runsOf(d.t, s), r.Runs},
	} {
		if !slices.Equal(got[0], got[1]) {
			d.t.Errorf("%s: %s\nit was\n%s", what, strings.Join(got[0], "\n"), strings.Join(got[1], "\n"))
		}
	}
	if err := s.Close(); err != nil {
		d.t.Fatal(err)
	}
	if got := d.rows(`SELECT y.name, x.row_key, x.property, x.choice, x.decided_by, x.decided_at FROM conflict x JOIN sync y ON y.id = x.sync_id WHERE x.choice <> '' ORDER BY x.id`); !slices.Equal(got, r.Decisions) {
		d.t.Errorf("decisions: %q, it was %q", got, r.Decisions)
	}
	now, err := strconv.Atoi(d.rows(`PRAGMA user_version`)[0])
	if err != nil {
		d.t.Fatal(err)
	}
	copies, err := filepath.Glob(filepath.Join(d.path("workspace"), store.Earlier, "format-*.db"))
	if upgraded := now > r.Format; err != nil || upgraded != (len(copies) == 1) {
		d.t.Errorf("format %d became %d, and there are the copies %v, %v", r.Format, now, copies, err)
	}
}

// keepsWhatIsSettled runs what was settled: neither side gets anything.
func (d *desk) keepsWhatIsSettled(r released) {
	d.t.Helper()
	names := []string{"people", "gone"}
	if r.Staffed != "" {
		names = append(names, "staff")
	}
	for _, name := range names {
		writes, cells := d.portal.Calls().Writes, d.read(name+".csv")
		s := d.do("run", d.path(name+".yaml"))
		if c := s.report.Counts; (s.status != 0 && s.status != 3) || c.Created+c.Updated > 0 || c.Sum() != c.Read {
			d.t.Errorf("%s: status %d, %+v\n%s", name, s.status, c, s.err)
		}
		if now := d.portal.Calls().Writes; now != writes || d.read(name+".csv") != cells {
			d.t.Errorf("%s: %d writes to HubSpot, and the file is\n%s", name, now-writes, d.read(name+".csv"))
		}
	}
	if got := d.waiting(); !slices.Equal(got, r.Conflicts) {
		d.t.Errorf("after a run the conflicts are %q, they were %q", got, r.Conflicts)
	}
}

// waiting is the conflicts of the workspace.
func (d *desk) waiting() []string {
	d.t.Helper()
	s, err := store.Open(d.t.Context(), d.path("workspace"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	return conflictsOf(d.t, s)
}

// undoesWhatItDid takes back the run that wrote to both sides, and the one that
// associated.
func (d *desk) undoesWhatItDid(r released) {
	d.t.Helper()
	ann, _ := d.one("ann@example.com")
	d.edit(ann, "city", "Wels") // somebody's edit of today stays
	if s := d.do("undo", r.Both); s.status != 0 {
		d.t.Errorf("undo: status %d\n%s%s", s.status, s.out, s.err)
	}
	if _, p := d.one("ann@example.com"); p["firstname"] != "Ann" || p["city"] != "Wels" {
		d.t.Errorf("the run was undone, and Ann is %v", p)
	}
	if text := d.read("people.csv"); !strings.Contains(text, "\n2,bob@example.com,Bob,Stone,Linz\n") || !strings.Contains(text, "\n1,ann@example.com,Anna,Lee,Graz\n") {
		d.t.Errorf("the run was undone, and the file is\n%s", text)
	}
	if r.Staffed == "" {
		return
	}
	hal, _ := d.one("hal@alpha.example.com")
	if got := d.portal.Associated("contacts", hal, "companies"); len(got) != 1 {
		d.t.Errorf("Hal belongs to %v", got)
	}
	if s := d.do("undo", r.Staffed, "--yes"); s.status != 0 {
		d.t.Errorf("undo of associations: status %d\n%s%s", s.status, s.out, s.err)
	}
	if got := d.portal.Associated("contacts", hal, "companies"); len(got) != 0 {
		d.t.Errorf("it was undone, and Hal belongs to %v", got)
	}
}

// endsWhatWasOpen goes on with the run that was killed after HubSpot had made
// the records, and carries out what had been decided.
func (d *desk) endsWhatWasOpen() {
	d.t.Helper()
	if s := d.do("run", d.path("firms.yaml")); s.status != 0 {
		d.t.Errorf("firms: status %d\n%s%s", s.status, s.out, s.err)
	}
	names := make(map[string]string)
	for _, p := range d.portal.Records("companies") {
		names[p["domain"]] += p["name"]
	}
	maps.DeleteFunc(names, func(domain, _ string) bool { return domain == "xi.example.com" || domain == "zeta.example.com" })
	want := map[string]string{"alpha.example.com": "Alpha AG", "beta.example.com": "Beta KG", "gamma.example.com": "Gamma", "delta.example.com": "Delta"}
	if !maps.Equal(names, want) {
		d.t.Errorf("the companies are %v, want %v", names, want)
	}
	writes := d.portal.Calls().Writes
	if s := d.do("run", d.path("firms.yaml")); s.status != 0 || s.report.Counts.Unchanged != 4 || d.portal.Calls().Writes != writes {
		d.t.Errorf("firms, once more: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
}

// hashing is the format from which on a plan's hash is made of what it is now:
// earlier plans have to be made anew.
const hashing = 6

// appliesWhatWasStored applies a plan that was made by the release, or is told
// that it has to be made anew; nothing is written then.
func (d *desk) appliesWhatWasStored(r released) {
	d.t.Helper()
	before := d.portal.Count("contacts")
	s := d.do("run", d.path("later.yaml"), "--plan", r.Plan)
	switch {
	case s.status == 0 && s.report.Counts.Created == 2:
	case r.Format < hashing && s.status == 2 && d.portal.Count("contacts") == before && strings.Contains(s.problem.Message, "preview again"):
		if s = d.do("run", d.path("later.yaml")); s.status != 0 || s.report.Counts.Created != 2 {
			d.t.Errorf("a plan made anew: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
		}
	default:
		d.t.Errorf("the stored plan: status %d, %+v, %+v\n%s", s.status, s.report.Counts, s.problem, s.err)
	}
	if n := d.portal.Count("contacts"); n != before+2 {
		d.t.Errorf("%d contacts became %d", before, n)
	}
}

// asksAboutWhatReturns brings a row back whose record was archived: it makes no
// second record without being asked.
func (d *desk) asksAboutWhatReturns() {
	d.t.Helper()
	d.write("gone.csv", d.read("gone.csv")+"Y,ypsilon.example.com,Ypsilon\n")
	before := d.portal.Count("companies")
	if s := d.do("run", d.path("gone.yaml")); s.status != 3 || s.report.Counts.Conflict != 1 || d.portal.Count("companies") != before {
		d.t.Errorf("a row is back: status %d, %+v, %d companies became %d\n%s", s.status, s.report.Counts, before, d.portal.Count("companies"), s.err)
	}
}

// rows is the rows of a query of the workspace, each as one line.
func (d *desk) rows(query string) (all []string) {
	d.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(d.path("workspace"), "syncline.db"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(d.t.Context(), query)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		d.t.Fatal(err)
	}
	for rows.Next() {
		cells, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, line(cells...))
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return all
}

// line is what a note says of one thing.
func line(cells ...string) string { return strings.Join(cells, " | ") }

// text is a value, or the sign that there is none.
func text(v *string) string {
	if v == nil {
		return "∅"
	}
	return *v
}

func syncNames(t testing.TB, s *store.Store) (all []store.Sync, names map[int64]string) {
	t.Helper()
	all, err := s.Syncs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names = make(map[int64]string)
	for _, y := range all {
		names[y.ID] = y.Name
	}
	return all, names
}

func pairsOf(t testing.TB, s *store.Store) (links, bases []string) {
	t.Helper()
	all, names := syncNames(t, s)
	for _, y := range all {
		for _, key := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "A", "B", "C", "D", "L1", "L2", "L3", "S1", "S2", "S3", "X", "Y", "Z"} {
			p, err := s.PairNow(t.Context(), y.ID, 0, key, "")
			if err != nil {
				t.Fatal(err)
			}
			if p.Link.ID != 0 {
				links = append(links, line(names[y.ID], key, p.Link.RecordID, string(p.Link.State)))
			}
			if p.Base != nil {
				bases = append(bases, line(names[y.ID], key, p.Base.Source.JSON(), p.Base.HubSpot.JSON()))
			}
		}
	}
	return links, bases
}

func edgesOf(t testing.TB, s *store.Store) (lines []string) {
	t.Helper()
	all, names := syncNames(t, s)
	for _, y := range all {
		by, err := s.EdgesOf(t.Context(), y.ID, []string{"S1", "S2", "S3"})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range slices.Sorted(maps.Keys(by)) {
			for _, e := range by[key] {
				lines = append(lines, line(names[y.ID], key, e.From, e.Object, e.To, strconv.Itoa(e.Type), string(e.State), e.Run))
			}
		}
	}
	return lines
}

func runsOf(t testing.TB, s *store.Store) (lines []string) {
	t.Helper()
	for _, r := range everyRun(t, s) {
		lines = append(lines, line(r.ID, r.SyncName, string(r.Kind), string(r.State), r.UndoOf))
	}
	return lines
}

// everyRun is the runs, oldest first, each before its parts.
func everyRun(t testing.TB, s *store.Store) (all []store.Run) {
	t.Helper()
	runs, err := s.Runs(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(runs)
	return runs
}

func auditOf(t testing.TB, s *store.Store) (lines []string) {
	t.Helper()
	_, names := syncNames(t, s)
	for _, r := range everyRun(t, s) {
		for a, err := range s.AuditOf(t.Context(), r.ID) {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line(a.RunID, names[a.SyncID], a.RowKey, string(a.Side), a.Property, string(a.Action), text(a.Before), text(a.After)))
		}
	}
	return lines
}

func conflictsOf(t testing.TB, s *store.Store) (lines []string) {
	t.Helper()
	ids, err := s.ConflictIDs(t.Context(), store.ConflictFilter{Decided: true})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	for _, id := range ids {
		some, err := s.Conflicts(context.WithoutCancel(t.Context()), []int64{id})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range some {
			lines = append(lines, line(c.SyncName, c.RowKey, c.Property, text(c.Base), c.Source, c.HubSpot, string(c.State), string(c.Choice)))
		}
	}
	return lines
}

func attentionOf(t testing.TB, s *store.Store) (lines []string) {
	t.Helper()
	all, names := syncNames(t, s)
	for _, y := range all {
		some, err := s.AttentionOf(t.Context(), y.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range some {
			lines = append(lines, line(names[y.ID], a.RowKey, string(a.Class), a.Cause, a.Message))
		}
	}
	return lines
}
