// Planted plants known mistakes into the program, one at a time, and asks the
// tests whether they notice. The files on the disk stay as they are: the go
// command is given each changed file as an overlay.
//
//	go run .ci/planted/*.go [-check] [-only N] [-from N] [-docs]
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	check := flag.Bool("check", false, "only see whether every mistake can still be planted")
	only := flag.Int("only", 0, "plant only this one")
	from := flag.Int("from", 1, "begin with this one")
	docs := flag.Bool("docs", false, "write the table into docs/proof.md")
	flag.Parse()
	if err := run(*check, *only, *from, *docs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(check bool, only, from int, docs bool) error {
	var bad []error
	for i, b := range bugs {
		if _, err := plant(b); err != nil {
			bad = append(bad, fmt.Errorf("%d. %s: %w", i+1, b.what, err))
		}
	}
	if err := errors.Join(bad...); err != nil || check {
		return err
	}
	dir, err := os.MkdirTemp("", "planted")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var table bytes.Buffer
	for i, b := range bugs {
		if only != 0 && i+1 != only || i+1 < from {
			continue
		}
		began := time.Now()
		by, err := caught(dir, b)
		if err != nil {
			bad = append(bad, fmt.Errorf("%d. %s: %w", i+1, b.what, err))
			by = "—"
		}
		fmt.Printf("%2d. %-66s %s (%.0f s)\n", i+1, b.what, by, time.Since(began).Seconds())
		fmt.Fprintf(&table, "| %d | %s | `%s` | %s |\n", i+1, b.what, b.file, by)
	}
	if docs && only == 0 && from == 1 && len(bad) == 0 {
		return write(table.String())
	}
	return errors.Join(bad...)
}

// plant returns a file with the mistake in it.
func plant(b bug) ([]byte, error) {
	text, err := os.ReadFile(b.file)
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(text), b.old); n != 1 {
		return nil, fmt.Errorf("%s has its place %d times, not once: bring the table in .ci/planted up to the code", b.file, n)
	}
	return []byte(strings.Replace(string(text), b.old, b.new, 1)), nil
}

var failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// caught returns which test noticed the mistake.
func caught(dir string, b bug) (string, error) {
	text, err := plant(b)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, filepath.Base(b.file))
	if err := os.WriteFile(changed, text, 0o600); err != nil {
		return "", err
	}
	path, err := filepath.Abs(b.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	for _, s := range b.tests {
		args := []string{"test", "-overlay", list, "-tags", "ci,migrated_fynedo", "-failfast", "-count=1", "-timeout", "10m", "-run", s.run}
		cmd := exec.Command("go", append(args, s.pkg)...)
		cmd.Env = append(os.Environ(), "SYNCLINE_SIM_WORLDS=60", "SYNCLINE_SIM_FIRST_ONLY=1")
		out, err := cmd.CombinedOutput()
		switch {
		case err == nil:
			continue
		case bytes.Contains(out, []byte("[build failed]")), bytes.Contains(out, []byte("[setup failed]")):
			return "", fmt.Errorf("what was planted can't be built:\n%s", out)
		case bytes.Contains(out, []byte("test timed out")):
			return "`" + strings.TrimPrefix(s.pkg, "./") + "`: it never ends", nil
		}
		test := failure.FindSubmatch(out)
		if test == nil {
			return "", fmt.Errorf("the tests ended in another way:\n%.2000s", out)
		}
		name, _, _ := strings.Cut(string(test[1]), "/")
		return fmt.Sprintf("`%s` %s", strings.TrimPrefix(s.pkg, "./"), name), nil
	}
	return "", errors.New("NOT CAUGHT")
}

// write replaces the table in the document.
func write(table string) error {
	const path = "docs/proof.md"
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var out strings.Builder
	skipping := false
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		row := strings.HasPrefix(line, "| ") && len(line) > 2 && line[2] >= '0' && line[2] <= '9'
		if row && !skipping {
			out.WriteString(table)
			skipping = true
		}
		if !row {
			out.WriteString(line + "\n")
		}
	}
	return os.WriteFile(path, []byte(out.String()), 0o644)
}
