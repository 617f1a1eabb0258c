package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/app"
)

// addresses is a definition that reads people with their addresses.
const addresses = `source: {kind: csv, path: rows.csv, key: [id]}
hubspot:
  portal: ` + app.PracticeName + `
  object: contacts
  match: [{field: email, property: email}]
direction: to-hubspot
create: hubspot
fields:
  - {field: email, property: email}
  - {field: name, property: lastname}
`

// manyInvalid are rows of which none can be written.
func manyInvalid(n int) string {
	var rows strings.Builder
	rows.WriteString("id,email,name\n")
	for i := range n {
		fmt.Fprintf(&rows, "K-%05d,no address %d,Person %d\n", i, i, i)
	}
	return rows.String()
}

// syncOf writes a CSV file and a definition that reads it, and returns the
// definition's path.
func syncOf(t *testing.T, dir, rows, definition string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sync.yaml")
	if err := os.WriteFile(path, []byte("syncline: 1\nname: Many rows\n"+definition), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
