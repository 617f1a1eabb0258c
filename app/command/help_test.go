package command_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/app/command"
)

// say carries out a command line without an environment.
func say(args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	status = command.Run(args, command.IO{In: strings.NewReader(""), Out: &o, Err: &e, Getenv: func(string) string { return "" }})
	return status, o.String(), e.String()
}

func TestEveryCommandTellsItsUseWithAnExample(t *testing.T) {
	t.Parallel()
	for _, name := range command.Names() {
		for _, args := range [][]string{append(strings.Fields(name), "--help"), append([]string{"help"}, strings.Fields(name)...)} {
			status, out, errs := say(args...)
			if status != 0 || errs != "" || !strings.Contains(out, "syncline "+name) || !strings.Contains(out, "Examples:\n  ") || !strings.Contains(out, "--workspace FOLDER") {
				t.Errorf("%v: %d %s%s", args, status, out, errs)
			}
		}
	}
	status, out, _ := say("--help")
	if status != 0 {
		t.Errorf("help ends with %d", status)
	}
	for _, name := range command.Names() {
		if top, _, _ := strings.Cut(name, " "); !strings.Contains(out, "\n  "+top+" ") {
			t.Errorf("help lacks %s:\n%s", name, out)
		}
	}
}

func TestWrongUseIsASentence(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"runn":                  `syncline: "runn" is no command; run or runs may be meant. syncline --help lists them.`,
		"launch":                `syncline: "launch" is no command. syncline --help lists them.`,
		"--jso run":             "syncline: unknown flag: --jso.",
		"run":                   "syncline run: wants one argument: syncline run FILE.",
		"run a b":               "syncline run: wants one argument: syncline run FILE.",
		"runs a":                "syncline runs: wants no argument: syncline runs.",
		"undo x --plan y":       "syncline undo: unknown flag: --plan.",
		"practice --listen":     "syncline practice: flag needs an argument: --listen.",
		"pat-na1-12345678-1234": `syncline: "***" is no command. syncline --help lists them.`,
	} {
		status, out, errs := say(strings.Fields(line)...)
		if status != 2 || out != "" || (strings.TrimSpace(errs) != want && !strings.HasPrefix(line, "pat-")) || strings.Contains(errs, "12345678") {
			t.Errorf("%s: %d %s%s\nwant %s", line, status, out, errs, want)
		}
	}
	status, out, _ := say("run", "--json")
	if status != 2 || !strings.Contains(out, `"message": "wants one argument: syncline run FILE"`) {
		t.Errorf("in JSON: %d %s", status, out)
	}
}

func TestShellsAreToldWhatMayFollow(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{"review x.yaml --take ": "source\nhubspot\nbase\n", "check ": "yaml\nyml\n", "pre": "preview"} {
		_, out, _ := say(append([]string{"__complete"}, strings.Split(line, " ")...)...)
		if !strings.HasPrefix(out, want) {
			t.Errorf("%q: %s", line, out)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if status, out, _ := say("completion", shell); status != 0 || !strings.Contains(out, "syncline") {
			t.Errorf("%s: %d", shell, status)
		}
	}
}

func TestThePagesOfManAreWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "man1")
	if status, _, errs := say("man", dir); status != 0 {
		t.Fatal(errs)
	}
	page, err := os.ReadFile(filepath.Join(dir, "syncline-preview.1"))
	if err != nil || !strings.Contains(string(page), "Nothing is written to the source or to HubSpot") {
		t.Errorf("%v %s", err, page)
	}
}

// The reference is made of the same table as help; make reference writes it.
func TestTheReferenceIsTheHelp(t *testing.T) {
	t.Parallel()
	if docs := os.Getenv("SYNCLINE_REFERENCE"); docs != "" {
		if err := os.WriteFile(filepath.Join(docs, "commands.md"), []byte(command.Reference()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(command.Reference(), string(doc)); diff != "" {
		t.Errorf("docs/commands.md is not what the program says (make reference):\n%s", diff)
	}
}

// The toolkit of the window reads the language before main, and complains.
func TestACommandSaysNothingOfTheLanguage(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"LANG=C", "LANG=C.UTF-8", "LC_ALL=POSIX", "LANG=", "LANG=klingon!", "LANGUAGE=zz9:de"} {
		cmd := exec.CommandContext(t.Context(), binary(t), "version")
		cmd.Env = []string{language}
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); err != nil || errs.Len() > 0 {
			t.Errorf("%s: %v %s", language, err, errs.String())
		}
	}
}
