package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/sync/source/database/servertest"
)

// The password of a database is nowhere afterwards, whatever way it came in and
// whatever the server answered.
func TestNoPasswordOfADatabaseIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	bin := binary(t)
	word := secret{servertest.Password, []string{"Swordfish"}}
	portal := func(more ...string) map[string]string {
		env := map[string]string{"SYNCLINE_TOKEN": shaped.text, "SYNCLINE_API_URL": "%s"}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	for kind, start := range map[string]func(testing.TB) *servertest.Server{"postgres": servertest.Postgres, "mysql": servertest.MariaDB} {
		server := start(t)
		name, db := server.Database(t)
		servertest.Exec(t, db, "CREATE TABLE people(id integer PRIMARY KEY, email varchar(50), first varchar(20), last varchar(20))", "INSERT INTO people VALUES(1, 'ann@example.com', 'Ann', 'Lee')")
		good := server.DSN(server.User, name)
		with := strings.Replace(good, "@", ":"+servertest.Password+"@", 1)
		sync := func(dsn string) string {
			return strings.NewReplacer("{ kind: csv, path: customers.csv, key: [id] }", fmt.Sprintf("{ kind: %s, dsn: %q, table: people, key: [id] }", kind, dsn),
				"field: Email", "field: email", "field: First", "field: first", "field: Last", "field: last").Replace(contacts)
		}
		databases := [][]string{{"database", "test", good}, {"database", "tables", good, "--json"}, {"database", "add", "Theirs", good}, {"database", "list", "--json"}, {"database", "grants", "sync.yaml"}}
		passfile := filepath.Join(t.TempDir(), "pass")
		if err := os.WriteFile(passfile, fmt.Appendf(nil, "127.0.0.1:%d:*:*:%s\n", server.Port, servertest.Password), 0o600); err != nil {
			t.Fatal(err)
		}
		variable := map[string]string{"postgres": "PGPASSWORD", "mysql": "MYSQL_PWD"}[kind]
		doors := []door{
			{name: "SYNCLINE_SOURCE_PASSWORD", env: portal("SYNCLINE_SOURCE_PASSWORD", servertest.Password), do: append(everyVerb, databases...), status: []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}},
			{name: variable, env: portal(variable, servertest.Password), do: append(everyVerb, databases...), status: []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
			{name: "SYNCLINE_SOURCE_PASSWORD for a user that is refused", env: portal("SYNCLINE_SOURCE_PASSWORD", servertest.Password), files: map[string]string{"sync.yaml": sync(server.DSN("nobody", name))}, do: everyVerb[:4], status: []int{5, 5, 5, 5}},
			{name: "SYNCLINE_SOURCE_PASSWORD for a server that is not there", env: portal("SYNCLINE_SOURCE_PASSWORD", servertest.Password), files: map[string]string{"sync.yaml": sync(kind + "://app@127.0.0.1:1/crm")}, do: everyVerb[:4], status: []int{1, 1, 1, 1}},
			{name: "--password-stdin without a keychain", env: portal(), stdin: servertest.Password + "\n", do: [][]string{{"database", "add", "Theirs", good, "--password-stdin"}, {"database", "list"}}, status: []int{1, 0}},
			{name: "a password in an address", env: portal(), files: map[string]string{"sync.yaml": sync(with)}, do: append([][]string{{"database", "add", "Theirs", with}, {"database", "test", with}, {"database", "tables", with, "--json"}}, everyVerb[:4]...), status: []int{2, 2, 2, 2, 2, 2, 2}},
		}
		if kind == "postgres" {
			doors = append(doors, door{name: ".pgpass", env: portal("PGPASSFILE", passfile), do: append(everyVerb, databases...), status: []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}})
		} else {
			doors = append(doors, door{name: ".my.cnf", env: portal(), files: map[string]string{".my.cnf": "[client]\npassword = '" + servertest.Password + "'\n"}, do: append(everyVerb, databases...), status: []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}})
		}
		for _, d := range doors {
			d.secret = word
			if d.files == nil {
				d.files = map[string]string{}
			}
			if d.files["sync.yaml"] == "" {
				d.files["sync.yaml"] = sync(good)
			}
			t.Run(kind+"/"+d.name, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, d)
				if text, ok := d.files[".my.cnf"]; ok {
					if err := os.WriteFile(filepath.Join(h.home, ".my.cnf"), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				for i, args := range d.do {
					if status := h.command(t.Context(), bin, args); status != d.status[i] {
						t.Errorf("%v: status %d, want %d\n%s", args, status, d.status[i], h.seen["standard error of "+args[0]])
					}
				}
				h.export()
				h.collect()
				for _, place := range found(h.seen, d.secret) {
					t.Errorf("found in %s", place)
				}
			})
		}
	}
}
