// Command licences prints the licences of everything that the program is made
// of: the modules that it links on any of its systems, the C code in them, and
// the fonts. make licences keeps what it prints in assets/licences.txt.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// systems are those that packages are made for.
var systems = []string{"linux/amd64", "linux/arm64", "windows/amd64", "darwin/arm64"}

// part is something with a licence of its own.
type part struct{ name, text string }

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	modules := map[string]string{} // folders by path and version
	for _, system := range systems {
		if err := linked(system, modules); err != nil {
			return err
		}
	}
	var parts []part
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		text, err := licenceOf(modules[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		parts = append(parts, part{name, text})
	}
	for name, path := range map[string]string{"The Go programming language": filepath.Join(goroot(), "LICENSE"), "Inter (font)": "ui/look/fonts/LICENSE-Inter.txt", "JetBrains Mono (font)": "ui/look/fonts/LICENSE-JetBrainsMono.txt"} {
		text, err := os.ReadFile(path) //nolint:gosec // one of three
		if err != nil {
			return err
		}
		parts = append(parts, part{name, string(text)})
	}
	parts = append(parts, part{"SQLite (in github.com/mattn/go-sqlite3)", "SQLite is in the public domain: https://sqlite.org/copyright.html"},
		part{"GLFW 3.3 (in github.com/go-gl/glfw)", glfw})
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return write(w, parts)
}

// write prints every text once, under the names of all that have it.
func write(w io.Writer, parts []part) error {
	var order []string
	names := map[string][]string{}
	for _, p := range parts {
		text := strings.TrimSpace(strings.ReplaceAll(p.text, "\r\n", "\n"))
		if names[text] == nil {
			order = append(order, text)
		}
		names[text] = append(names[text], p.name)
	}
	var b bytes.Buffer
	b.WriteString("Syncline is made of the following, each under its own licence.\n")
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 78), strings.Join(names[text], "\n"), text)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// linked adds the modules that the program links on a system.
func linked(system string, modules map[string]string) error {
	goos, goarch, _ := strings.Cut(system, "/")
	cmd := exec.Command("go", "list", "-e", "-deps", "-tags", "migrated_fynedo", "-json=Module,Standard", ".")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Standard bool
			Module   *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case p.Module != nil && !p.Module.Main:
			modules[p.Module.Path+" "+p.Module.Version] = p.Module.Dir
		}
	}
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|unlicense)([.\-_].*)?$`)

// licenceOf is what a module's folder says, all files of it.
func licenceOf(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var texts []string
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name())) //nolint:gosec // in the cache of modules
		if err != nil {
			return "", err
		}
		texts = append(texts, strings.TrimSpace(string(text)))
	}
	if texts == nil {
		return "", errors.New("has no licence in its folder")
	}
	return strings.Join(texts, "\n\n"), nil
}

func goroot() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

const glfw = `Copyright (c) 2002-2006 Marcus Geelnard
Copyright (c) 2006-2019 Camilla Löwy

This software is provided 'as-is', without any express or implied
warranty. In no event will the authors be held liable for any damages
arising from the use of this software.

Permission is granted to anyone to use this software for any purpose,
including commercial applications, and to alter it and redistribute it
freely, subject to the following restrictions:

1. The origin of this software must not be misrepresented; you must not
   claim that you wrote the original software. If you use this software
   in a product, an acknowledgment in the product documentation would
   be appreciated but is not required.

2. Altered source versions must be plainly marked as such, and must not
   be misrepresented as being the original software.

3. This notice may not be removed or altered from any source
   distribution.`
