package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the path that all packages of this repository begin with.
const module = "syncline"

// floors is the house from top to bottom: a package may import those of lower
// floors only, never one of its own floor or above. docs/architecture.md shows
// the same as a picture. A new package must be given its place here.
var floors = [][]string{
	{""},
	{"ui"},
	// The rooms of the window: each knows the shell, none knows another.
	{"ui/attention", "ui/connections", "ui/duplicates", "ui/fieldmap", "ui/home", "ui/newsync", "ui/plan", "ui/records", "ui/review", "ui/runs", "ui/sets", "ui/settings"},
	{"ui/mapper"},
	{"ui/shell/shelltest"},
	{"ui/shell"},
	{"ui/layouts", "ui/wording"},
	{"ui/widgets/graph"},
	{"ui/widgets/choice", "ui/widgets/fieldmap", "ui/widgets/grid"},
	{"ui/widgets"},
	{"ui/draw"},
	{"ui/look", "ui/post"},
	{"app/command"},
	{"app/assistant"},
	{"app"},
	{"app/auth/browsertest", "app/records", "app/vault/vaulttest"},
	{"app/auth", "app/logbook", "app/newversion", "app/shown", "app/suggest", "app/vault", "app/webhooks"},
	{"sync/engine/simulation", "sync/hubspot/practice/practicetest"},
	{"sync/engine"},
	{"sync/hubspot/practice", "sync/source/opener"},
	{"sync/source/database", "sync/source/portal", "sync/source/submissions", "sync/source/csvfile", "sync/source/datafile", "sync/source/excel"},
	{"sync/source/packed"},
	{"sync/source/localfile", "sync/source/tabular"},
	{"sync/mapping"},
	{"store", "sync/hubspot", "sync/merge", "sync/source"},
	{"sync/definition"},
	{"sync/transform", "sync/plan"},
	{"sync/duplicates", "sync/record", "sync/redact"},
	{"assets/internal/billing", "assets/internal/licences"},
	{"app/locale", "app/terminal", "assets", "sync/hubspot/practice/content", "sync/jsontext", "sync/plainfile", "sync/source/database/servertest"},
}

// pkg is what the go command says of a package.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// rel is the package's path inside the repository, "" for the program itself.
func (p pkg) rel() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

func ours(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

// house lists the packages of this repository and everything that they rest
// on, by import path.
func house(t *testing.T) map[string]pkg {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// listed asks the go command once for all tests.
var listed = sync.OnceValues(func() (map[string]pkg, error) {
	cmd := exec.Command("go", "list", "-tags", "ci,migrated_fynedo", "-deps", "-json=ImportPath,Standard,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("go list: %w\n%s", err, exit.Stderr)
		}
		return nil, fmt.Errorf("go list: %w", err)
	}
	all := make(map[string]pkg)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all[p.ImportPath] = p
	}
	for _, must := range []string{"", "ui", "app", "sync/engine", "store"} {
		if _, ok := all[strings.TrimSuffix(module+"/"+must, "/")]; !ok {
			return nil, fmt.Errorf("go list does not know the package %q: the checks would watch nothing", must)
		}
	}
	return all, nil
})

// restsOn returns everything that a package imports, directly or by others.
func restsOn(all map[string]pkg, importPath string) map[string]bool {
	seen := make(map[string]bool)
	var visit func(string)
	visit = func(p string) {
		for _, i := range all[p].Imports {
			if !seen[i] {
				seen[i] = true
				visit(i)
			}
		}
	}
	visit(importPath)
	return seen
}

func TestArrowsPointDownOnly(t *testing.T) {
	t.Parallel()
	floor := make(map[string]int)
	for n, packages := range floors {
		for _, p := range packages {
			floor[p] = n
		}
	}
	for _, p := range house(t) {
		if !ours(p.ImportPath) {
			continue
		}
		from, ok := floor[p.rel()]
		if !ok {
			t.Errorf("package %s has no place in the house: give it one in floors and in docs/architecture.md", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			if !ours(i) {
				continue
			}
			if to, ok := floor[pkg{ImportPath: i}.rel()]; ok && to <= from {
				t.Errorf("%s imports %s, which does not stand below it", p.ImportPath, i)
			}
		}
	}
}

// Two rooms of the window that need the same have it below them, and one opens
// another by way of the shell: the floor of the rooms holds them all, and only the
// package that furnishes the window stands over it.
func TestRoomsOfTheWindowKnowOnlyTheShell(t *testing.T) {
	t.Parallel()
	// What is no room: the window itself, what rooms stand on, and their tests' stage.
	below := []string{"ui", "ui/shell", "ui/shell/shelltest", "ui/mapper", "ui/layouts", "ui/wording", "ui/look", "ui/draw", "ui/post", "ui/widgets"}
	rooms := 0
	all := house(t)
	for _, p := range all {
		rel := p.rel()
		if !strings.HasPrefix(rel, "ui/") || slices.Contains(below, rel) || strings.HasPrefix(rel, "ui/widgets/") {
			continue
		}
		rooms++
		shell := false
		for _, i := range p.Imports {
			to := pkg{ImportPath: i}.rel()
			shell = shell || to == "ui/shell"
			if ours(i) && strings.HasPrefix(to, "ui") && (to == "ui" || to == "ui/shell/shelltest" || !slices.Contains(below, to) && !strings.HasPrefix(to, "ui/widgets/")) {
				t.Errorf("%s imports %s: ask for it by shell.Rooms, or put what both need below them", rel, to)
			}
		}
		if !shell {
			t.Errorf("%s does not stand on the shell: it is no room", rel)
		}
		for user, by := range all {
			if ours(user) && by.rel() != "ui" && by.rel() != rel && slices.Contains(by.Imports, p.ImportPath) {
				t.Errorf("%s imports the room %s", by.rel(), rel)
			}
		}
	}
	if rooms < 10 {
		t.Errorf("%d rooms: this rule watches too little", rooms)
	}
}

// Some libraries belong to one room: what else imports them reaches around it.
func TestLibrariesStayInTheirRooms(t *testing.T) {
	t.Parallel()
	rooms := []struct {
		library string // an import path, with what is below it
		rooms   []string
		why     string
	}{
		{"fyne.io", []string{"ui", "ui/..."}, "only the window draws"},
		{"database/sql", []string{"store", "sync/source/database", "sync/source/database/servertest"}, "only the store and databases as sources speak SQL"},
		{"github.com/mattn/go-sqlite3", []string{"store", "sync/source/database"}, "only the store and databases as sources speak SQL"},
		{"github.com/jackc/pgx/v5", []string{"sync/source/database", "sync/source/database/servertest"}, "only databases as sources speak to servers"},
		{"github.com/go-sql-driver/mysql", []string{"sync/source/database", "sync/source/database/servertest"}, "only databases as sources speak to servers"},
		{"golang.org/x/crypto/ssh", []string{"sync/source/database"}, "only databases are reached through SSH servers"},
		{"github.com/zalando/go-keyring", []string{"app/vault"}, "only the vault touches the keychain"},
		{"github.com/parquet-go/parquet-go", []string{"sync/source/datafile"}, "only the source over Parquet knows it"},
		{"github.com/modelcontextprotocol/go-sdk", []string{"app/assistant"}, "assistants have one door"},
		{"golang.org/x/oauth2", []string{"sync/hubspot", "app/auth"}, "only the sign-in needs it"},
		{"syncline/store", []string{"app", "app/assistant", "app/command", "sync/engine"}, "screens see the workspace through the use-cases"},
		{"net/http", []string{"sync/hubspot", "sync/hubspot/practice", "app/command", "app/auth", "app/newversion", "app/webhooks"}, "only the HubSpot client and the practice portal speak HTTP, the command that serves it, what asks for a newer version, and what receives events"},
	}
	all := house(t)
	for _, r := range rooms {
		used := false
		for _, p := range all {
			if !ours(p.ImportPath) {
				continue
			}
			inRoom := slices.ContainsFunc(r.rooms, func(room string) bool { return within(p.rel(), room) })
			for _, i := range p.Imports {
				if i != r.library && !strings.HasPrefix(i, r.library+"/") {
					continue
				}
				used = true
				if !inRoom {
					t.Errorf("%s imports %s: %s", p.ImportPath, i, r.why)
				}
			}
		}
		if !used {
			t.Errorf("no package imports %s: this rule watches nothing", r.library)
		}
	}
}

// within tells whether a package is the room, or with "room/..." stands in it.
func within(rel, room string) bool {
	if below, ok := strings.CutSuffix(room, "/..."); ok {
		return strings.HasPrefix(rel, below+"/")
	}
	return rel == room
}

// Nothing below the window may pull a screen in, not even by others.
func TestNothingBelowTheWindowNeedsAScreen(t *testing.T) {
	t.Parallel()
	all := house(t)
	for _, p := range all {
		rel := p.rel()
		if !ours(p.ImportPath) || rel == "" || rel == "ui" || strings.HasPrefix(rel, "ui/") {
			continue
		}
		for dep := range restsOn(all, p.ImportPath) {
			if strings.HasPrefix(dep, "fyne.io/") || strings.HasPrefix(dep, "github.com/go-gl/") {
				t.Errorf("%s rests on %s", p.ImportPath, dep)
			}
		}
	}
}

// The packages that decide about values are pure: the same input gives the
// same answer on every machine.
func TestDecidingPackagesArePure(t *testing.T) {
	t.Parallel()
	pure := []string{"sync/jsontext", "sync/record", "sync/duplicates", "sync/transform", "sync/redact", "sync/definition", "sync/merge", "sync/plan", "sync/mapping"}
	outside := []string{"os", "os/exec", "net", "net/http", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2", "syscall"}
	all := house(t)
	for _, rel := range pure {
		p, ok := all[module+"/"+rel]
		if !ok {
			t.Errorf("there is no package %s", rel)
			continue
		}
		for _, i := range p.Imports {
			if slices.Contains(outside, i) && !(rel == "sync/definition" && i == "os") {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
		}
		for dep := range restsOn(all, p.ImportPath) {
			if ours(dep) && !slices.Contains(pure, pkg{ImportPath: dep}.rel()) {
				t.Errorf("%s rests on %s, which is not pure", p.ImportPath, dep)
			}
		}
	}
	// A definition is read from a file, in one place.
	var readers []string
	for name, src := range sources(t) {
		if path.Dir(name) == "sync/definition" && !strings.HasSuffix(name, "_test.go") && imports(t, name, src, "os") {
			readers = append(readers, name)
		}
	}
	if len(readers) != 1 {
		t.Errorf("%v import os, want only the file of Load", readers)
	}
}

// imports tells whether a file imports a package itself.
func imports(t *testing.T, name string, src []byte, importPath string) bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == strconv.Quote(importPath) })
}

// sources are the Go files of the repository by their path in it.
func sources(t *testing.T) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "bin" || base == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		src, err := os.ReadFile(name)
		files[filepath.ToSlash(name)] = src
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// tokens calls f for the identifiers and strings of a file, not its comments.
func tokens(name string, src []byte, f func(pos token.Position, tok token.Token, text string)) {
	set := token.NewFileSet()
	file := set.AddFile(name, -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, 0)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok == token.IDENT || tok == token.STRING {
			f(file.Position(pos), tok, text)
		}
	}
}

// HubSpot's addresses and the version of its API are known to its client and
// to the practice portal alone.
func TestOnlyTheClientKnowsHubSpotsAddresses(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`(^|[^0-9-])20\d\d-(03|09)([^0-9-]|$)`) // HubSpot's versions come in March and September
	known := 0
	for name, src := range sources(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		client := strings.HasPrefix(name, "sync/hubspot/")
		practice := strings.HasPrefix(name, "sync/hubspot/practice/")
		tokens(name, src, func(pos token.Position, tok token.Token, text string) {
			if tok != token.STRING {
				return
			}
			if strings.Contains(text, "hubapi.com") || strings.Contains(text, "/crm/") {
				known++
				if !client {
					t.Errorf("%s: %s belongs to sync/hubspot", pos, text)
				}
			}
			if version.MatchString(text) && !practice && name != "sync/hubspot/client.go" {
				t.Errorf("%s: %s names a version of the API, which is one constant of sync/hubspot/client.go", pos, text)
			}
		})
	}
	if known == 0 {
		t.Error("no file names an address of HubSpot: this rule watches nothing")
	}
}

// A call that waits for the UI thread from it never returns.
func TestNothingWaitsForTheUIThread(t *testing.T) {
	t.Parallel()
	for name, src := range sources(t) {
		tokens(name, src, func(pos token.Position, tok token.Token, text string) {
			if tok == token.IDENT && text == "DoAnd"+"Wait" {
				t.Errorf("%s: DoAndWait: post the function and go on", pos)
			}
		})
	}
}

// A package is named after what it holds.
func TestPackagesAreNamedAfterAConcept(t *testing.T) {
	t.Parallel()
	vague := []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "base"}
	for _, p := range house(t) {
		if ours(p.ImportPath) && slices.Contains(vague, path.Base(p.ImportPath)) {
			t.Errorf("%s: name the package after what it holds", p.ImportPath)
		}
	}
}
