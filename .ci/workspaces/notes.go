package main

import (
	"archive/tar"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// notes is what a workspace holds, read by SQL that fits the format of any
// release and not by the store, which is what is to be tried.
type notes struct {
	Release   string    `json:"release"`
	Program   string    `json:"program"` // what it says of itself
	Format    int       `json:"format"`
	Made      time.Time `json:"made"`
	Both      string    `json:"both"`    // the run that wrote to both sides
	Undone    string    `json:"undone"`  // the run that was undone
	Staffed   string    `json:"staffed"` // the run that associated, "" where there is none
	Plan      string    `json:"plan"`    // a plan that was not applied
	Links     []string  `json:"links"`
	Edges     []string  `json:"edges"`
	Bases     []string  `json:"bases"`
	Audit     []string  `json:"audit"`
	Conflicts []string  `json:"conflicts"`
	Decisions []string  `json:"decisions"`
	Attention []string  `json:"attention"`
	Runs      []string  `json:"runs"`
}

const file = "workspace/syncline.db"

// part parts the cells of a line.
const part = " | "

// The formats from which on workspaces remember what was undone, what was put in
// the place of a cell, and associations.
const (
	undoing     = 7
	correcting  = 10
	associating = 20
)

func formatOf() (format int, err error) {
	db, err := sql.Open("sqlite3", filepath.Join(home, file))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return format, db.QueryRow(`PRAGMA user_version`).Scan(&format)
}

func look(j *job) (n notes, err error) {
	db, err := sql.Open("sqlite3", filepath.Join(home, file))
	if err != nil {
		return n, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	n = notes{Made: time.Now().UTC().Truncate(time.Second), Both: j.both, Undone: j.undone, Staffed: j.staffed, Plan: j.plan}
	if n.Format, err = formatOf(); err != nil {
		return n, err
	}
	lines := func(into *[]string, query string) {
		if err == nil {
			*into, err = list(db, query)
		}
	}
	// Without what finds the other ends of associations, which is a sync of its own.
	const names = ` JOIN sync y ON y.id = x.sync_id AND y.name IN ('People', 'Firms', 'Gone', 'Staff', 'Later') `
	lines(&n.Links, `SELECT y.name, x.row_key, coalesce(x.record_id, ''), x.state FROM link x`+names+`ORDER BY y.name, x.row_key`)
	lines(&n.Bases, `SELECT y.name, x.row_key, b.src, b.rem FROM base b JOIN link x ON x.id = b.link_id`+names+`ORDER BY y.name, x.row_key`)
	lines(&n.Audit, `SELECT x.run_id, y.name, x.row_key, x.side, x.property, x.action, x.before, x.after FROM audit x`+names+`ORDER BY x.id`)
	lines(&n.Conflicts, `SELECT y.name, x.row_key, x.property, x.base, x.src, x.rem, x.state, x.choice FROM conflict x`+names+`WHERE x.state <> 'closed' ORDER BY x.id`)
	lines(&n.Decisions, `SELECT y.name, x.row_key, x.property, x.choice, x.decided_by, x.decided_at FROM conflict x`+names+`WHERE x.choice <> '' ORDER BY x.id`)
	lines(&n.Attention, `SELECT y.name, x.row_key, x.class, x.cause, x.message FROM attention x`+names+`ORDER BY x.id`)
	lines(&n.Runs, `SELECT x.id, y.name, x.kind, x.state, x.undo_of FROM run x`+names+`ORDER BY x.started_at, x.id`)
	if n.Edges = []string{}; n.Format >= associating {
		lines(&n.Edges, `SELECT y.name, x.row_key, x.from_record, x.to_object, x.to_record, x.type_id, x.state, x.run_id FROM edge x`+names+`ORDER BY y.name, x.row_key, x.to_record, x.type_id`)
	}
	if err != nil {
		return n, err
	}
	for i, line := range n.Bases {
		if n.Bases[i], err = spelled(db, line); err != nil {
			return n, err
		}
	}
	// What a killed program left beside the file goes into it.
	_, err = db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	return n, err
}

// nothing stands where there is no value.
const nothing = "∅"

// list is the rows of a query, each as one line.
func list(db *sql.DB, query string) ([]string, error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	all := []string{}
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		texts := make([]string, len(cells))
		for i, c := range cells {
			if texts[i] = c.String; !c.Valid {
				texts[i] = nothing
			}
		}
		all = append(all, strings.Join(texts, part))
	}
	return all, rows.Err()
}

// spelled writes the two sides of a base out, as JSON, where they stand by the
// number of their names.
func spelled(db *sql.DB, line string) (string, error) {
	cells := strings.Split(line, part)
	for i := 2; i < len(cells); i++ {
		all := make(map[string]json.RawMessage)
		number, rest, _ := strings.Cut(cells[i], "[")
		id, err := strconv.Atoi(number)
		if err != nil {
			err = json.Unmarshal([]byte(cells[i]), &all)
		} else {
			err = read(db, id, "["+rest, all)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
		text, err := json.Marshal(all)
		if err != nil {
			return "", err
		}
		cells[i] = string(text)
	}
	return strings.Join(cells, part), nil
}

// read reads values that stand in the order of the names of a form.
func read(db *sql.DB, form int, text string, into map[string]json.RawMessage) error {
	var list string
	if err := db.QueryRow(`SELECT text FROM form WHERE id = ?`, form).Scan(&list); err != nil {
		return err
	}
	var names []string
	var values []json.RawMessage
	if err := errors.Join(json.Unmarshal([]byte(list), &names), json.Unmarshal([]byte(text), &values)); err != nil {
		return err
	}
	for i, name := range names {
		if string(values[i]) != "0" { // it is not there
			into[name] = values[i]
		}
	}
	return nil
}

// keep writes the notes, and beside them what the job left.
func keep(into, release string, n notes) (err error) {
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(into, release+".json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(into, release+".tar.gz"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, name := range []string{file, "hubspot.portal", "people.yaml", "people.csv", "firms.yaml", "firms.csv", "gone.yaml", "gone.csv", "later.yaml", "later.csv", "staff.yaml", "staff.csv"} {
		if err := put(t, name, n.Made); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func put(t *tar.Writer, name string, made time.Time) error {
	f, err := os.Open(filepath.Join(home, filepath.FromSlash(name)))
	if errors.Is(err, os.ErrNotExist) {
		return nil // of a part that the program does not know
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: made}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}
