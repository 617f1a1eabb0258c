package command_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"syncline/app"
	"syncline/sync/hubspot/practice"
)

// dbWorld is the real program with a table of a real server.
type dbWorld struct {
	*world
	d *dbDesk
	k *killer
}

const dbPeople = 24

func newDBWorld(t *testing.T, kind string) *dbWorld {
	k := &killer{}
	o := practice.Options{Limits: practice.Limits{Burst: 10_000}, Observe: k.observe}
	w := &dbWorld{world: newWorld(t, o), d: newDBDesk(t, kind, practice.Options{}), k: k}
	w.d.people("create: both\n")
	for i := 3; i <= dbPeople; i++ {
		w.d.exec(fmt.Sprintf("INSERT INTO people(id, email, first, last) VALUES(%d, 'p%d@example.com', 'First%d', 'Last%d')", i, i, i, i))
	}
	// Writing takes its time, so that there is a middle of it.
	switch kind {
	case "postgres":
		w.d.exec(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.002); RETURN NEW; END $$`,
			"CREATE TRIGGER slow BEFORE UPDATE OR INSERT ON people FOR EACH ROW EXECUTE FUNCTION slow()")
	case "mysql":
		w.d.exec("CREATE TRIGGER slow BEFORE UPDATE ON people FOR EACH ROW DO SLEEP(0.002)")
	}
	w.write("sync.yaml", w.d.read("sync.yaml"))
	if kind == "sqlite" {
		w.write("sync.yaml", strings.Replace(w.d.read("sync.yaml"), "path: their.db", "path: "+w.d.path("their.db"), 1))
	}
	w.env = w.d.env
	return w
}

// The program is killed again and again while it writes to a table. Whatever it
// was doing, the next run settles it: no row is written over or made twice, and no
// conflict appears that nobody made.
func TestKilledInTheMiddleOfWritingToATable(t *testing.T) {
	t.Parallel()
	n := max(kills()/2, 5)
	for _, kind := range []string{"sqlite", "postgres", "mysql"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			met := func(map[string]int) bool { return true }
			if !testing.Short() { // which moment a kill meets depends on the machine
				met = func(found map[string]int) bool { return found["the file's write of unknown outcome"] > 0 }
			}
			w := newDBWorld(t, kind)
			if doc, status := w.run("run", "sync.yaml", "--yes"); status != 0 || doc.Counts.Created != dbPeople {
				t.Fatalf("%d %+v", status, doc.Counts)
			}
			rng := rand.New(rand.NewPCG(killSeed, uint64(len(kind))))
			found := map[string]int{}
			for killed, round := 0, 0; killed < n || !met(found); round++ {
				if round > 6*max(n, 20) {
					t.Fatalf("%d processes were killed at work, and what the next run found was %v: none was killed between a write and its outcome", killed, found)
				}
				truth := w.edits(rng, round)
				seen := ""
				if round%2 == 0 {
					seen = fmt.Sprintf("Hub%d-", round)
				}
				if w.killWriting(time.Duration(rng.IntN(110))*time.Millisecond, seen) {
					killed++
					found[w.interrupted()]++
				}
				// A person goes on working before the next run.
				w.d.exec(fmt.Sprintf("UPDATE people SET note = 'round %d' WHERE id = %d", round, 1+round%dbPeople))
				w.converges(round, truth)
			}
			t.Logf("killed %d; what the next run found: %v", n, found)
		})
	}
}

// edits changes first names in HubSpot and last names in the table, and makes a
// contact now and then. It returns what both sides must come to.
func (w *dbWorld) edits(rng *rand.Rand, round int) map[string][2]string {
	w.t.Helper()
	truth := map[string][2]string{}
	for id, p := range w.portal.Records("contacts") {
		first, last := p["firstname"], p["lastname"]
		if round%2 == 1 || rng.IntN(10) < 7 { // what is sent to HubSpot and killed is another test's business
			first = fmt.Sprintf("Hub%d-%s", round, p["email"][:2])
			if err := w.portal.Edit("contacts", id, map[string]string{"firstname": first}); err != nil {
				w.t.Fatal(err)
			}
		} else {
			last = fmt.Sprintf("Table%d", round)
			w.d.exec(fmt.Sprintf("UPDATE people SET last = '%s' WHERE email = '%s'", last, p["email"]))
		}
		truth[p["email"]] = [2]string{first, last}
	}
	if round%4 == 0 {
		email := fmt.Sprintf("new%d@example.com", round)
		if _, err := w.portal.Create("contacts", map[string]string{"email": email, "firstname": "New"}); err != nil {
			w.t.Fatal(err)
		}
		truth[email] = [2]string{"New", ""}
	}
	return truth
}

// killWriting starts a run and kills it a while after it has read HubSpot, when it
// writes; false when it ended before. With seen it is killed as soon as others see
// something of what it wrote.
func (w *dbWorld) killWriting(after time.Duration, seen string) bool {
	w.t.Helper()
	if seen == "" {
		return w.kill(w.k, moment{route: "GET objects/", after: after})
	}
	c := w.command(w.t.Context(), "run", "sync.yaml", "--json", "--yes")
	w.k.aim(moment{}, nil)
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case <-ended:
			return !c.ProcessState.Exited()
		default:
		}
		var n int
		if err := w.d.db.QueryRow("SELECT count(*) FROM people WHERE first LIKE '" + seen + "%'").Scan(&n); err == nil && n > 0 {
			_ = c.Process.Kill()
			<-ended
			return !c.ProcessState.Exited()
		}
	}
}

// converges runs until nothing is left and compares both sides.
func (w *dbWorld) converges(round int, truth map[string][2]string) {
	w.t.Helper()
	doc, status := w.run("run", "sync.yaml", "--yes")
	if status != 0 || doc.Counts.Sum() != doc.Counts.Read {
		w.t.Fatalf("round %d: status %d, %+v", round, status, doc.Counts)
	}
	if doc, status = w.run("run", "sync.yaml", "--yes"); status != 0 || doc.Counts.Unchanged != doc.Counts.Read {
		w.t.Fatalf("round %d did not converge: status %d, %+v\n%+v", round, status, doc.Counts, rowsIn(doc))
	}
	table := map[string][2]string{}
	rows, err := w.d.db.Query("SELECT email, coalesce(first, ''), coalesce(last, '') FROM people")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var email, first, last string
		if err := rows.Scan(&email, &first, &last); err != nil {
			w.t.Fatal(err)
		}
		table[email] = [2]string{first, last}
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	portal := map[string][2]string{}
	for _, p := range w.portal.Records("contacts") {
		portal[p["email"]] = [2]string{p["firstname"], p["lastname"]}
	}
	if !maps.Equal(table, truth) || !maps.Equal(portal, truth) {
		w.t.Fatalf("round %d: the table holds\n%v\nHubSpot\n%v\nwant\n%v", round, table, portal, truth)
	}
}

func rowsIn(doc app.Report) []string {
	var all []string
	for _, r := range doc.Rows {
		all = append(all, fmt.Sprintf("%s %s %s", r.Key, r.Fate, r.Reason))
	}
	return all
}
