package assistant

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"syncline/app"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
)

func (d *door) addMaking(s *mcp.Server) {
	add(s, d, "check_definition", "Check a definition", "Checks the text of a definition and lists every problem with its line. Opens no file and asks no portal.", true, d.check)
	add(s, d, "draft_definition", "Draft a definition", "Keeps a definition as a draft in the workspace's folder “drafts”. It is no sync until the person imports it in Syncline.", false, d.draft)
	add(s, d, "preview_sync", "Make a plan", "Reads both sides of a sync and makes a plan, which is stored and written nowhere. The person applies it or not.", false, d.preview)
	add(s, d, "propose_decisions", "Propose decisions", "Proposes decisions for open conflicts, each with a reason. The person sees them in Review and takes them over or not.", false, d.propose)
}

type byText struct {
	Text string `json:"text" jsonschema:"the definition, in YAML"`
}

type problem struct {
	Line    int    `json:"line"`
	Key     string `json:"path"`
	Message string `json:"message"`
}

func problemsOf(text, path string) ([]problem, error) {
	_, err := definition.Parse([]byte(text), path)
	var wrong *definition.Error
	list := []problem{}
	switch {
	case errors.As(err, &wrong):
		for _, p := range wrong.Problems {
			list = append(list, problem{p.Line, p.Key, p.Msg})
		}
	case err != nil:
		return nil, err
	}
	return list, nil
}

// longest is the size of a definition that an assistant may hand in.
const longest = 1 << 20

func (d *door) check(_ context.Context, in byText) (map[string]any, error) {
	if len(in.Text) > longest {
		return nil, &app.UseError{Msg: "the text is longer than a definition may be (1 MB)"}
	}
	list, err := problemsOf(in.Text, "draft.yaml")
	if err != nil {
		return nil, err
	}
	return map[string]any{"problems": list}, nil
}

type ofDraft struct {
	Name string `json:"name" jsonschema:"what the draft is called"`
	byText
}

// draft keeps a draft. Its name makes a file's name without a way out of the
// folder, and no draft that is there is written over.
func (d *door) draft(_ context.Context, in ofDraft) (map[string]any, error) {
	if len(in.Text) > longest {
		return nil, &app.UseError{Msg: "the text is longer than a definition may be (1 MB)"}
	}
	folder := filepath.Join(d.app.Folder(), "drafts")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	base := fileName(in.Name)
	for n := 1; ; n++ {
		name := base + ".yaml"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.yaml", base, n)
		}
		path := filepath.Join(folder, name)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) && n < 1000 {
			continue
		}
		if err != nil {
			return nil, err
		}
		_, err = f.WriteString(in.Text)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		list, err := problemsOf(in.Text, path)
		if err != nil {
			return nil, err
		}
		return map[string]any{"document": path, "problems": list, "do": "Tell the person: import this file in Syncline (Import, on Home) to make it a sync."}, nil
	}
}

func fileName(name string) string {
	clean := strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name), "-")
	const longest = 60
	if r := []rune(clean); len(r) > longest {
		clean = string(r[:longest])
	}
	if clean == "" {
		return "draft"
	}
	return clean
}

func (d *door) preview(ctx context.Context, in bySync) (map[string]any, error) {
	y, err := d.sync(ctx, in.Sync)
	if err != nil {
		return nil, err
	}
	changed, err := d.app.ChangedPlan(ctx, y.Path)
	if err != nil {
		return nil, err
	}
	if changed != "" {
		return nil, &app.UseError{Msg: fmt.Sprintf("the plan %s waits, which the person changed, and another one would take its place: read that one with read_plan", changed)}
	}
	s, err := d.app.OpenSync(ctx, y.Path, app.Options{Portal: d.Portal})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	res, err := s.Preview(ctx)
	if err != nil {
		return nil, err
	}
	head, err := d.app.ReportHead(ctx, res)
	if err != nil {
		return nil, err
	}
	return map[string]any{"plan": head.Plan, "hash": head.Hash, "sync": head.Sync, "counts": head.Counts, "notes": head.Notes,
		"do": "Tell the person: this plan waits in Syncline, on the sync's card; read_plan shows its rows."}, nil
}

type decision struct {
	Conflict int64  `json:"conflict" jsonschema:"the number of the conflict, from list_conflicts"`
	Choice   string `json:"choice" jsonschema:"source, hubspot, base, or value; empty takes a proposal back"`
	Value    string `json:"value,omitempty" jsonschema:"the value, with the choice value"`
	Why      string `json:"why" jsonschema:"the reason, in a sentence for the person"`
}

// longestWhy is the length of a reason in bytes: it stands beside its conflict.
const longestWhy = 1000

type ofDecisions struct {
	Decisions []decision `json:"decisions"`
}

func (d *door) propose(ctx context.Context, in ofDecisions) (map[string]any, error) {
	all := make([]store.Proposal, 0, len(in.Decisions))
	for _, x := range in.Decisions {
		if len(x.Why) > longestWhy {
			return nil, &app.UseError{Msg: fmt.Sprintf("the reason for conflict %d is longer than a sentence for a person should be (%d characters)", x.Conflict, longestWhy)}
		}
		if x.Choice != "" && strings.TrimSpace(x.Why) == "" {
			return nil, &app.UseError{Msg: fmt.Sprintf("the proposal for conflict %d has no reason", x.Conflict)}
		}
		switch plan.Choice(x.Choice) {
		case "", plan.ChooseSource, plan.ChooseHubSpot, plan.ChooseBase, plan.ChooseValue:
		default:
			return nil, &app.UseError{Msg: fmt.Sprintf("conflict %d can't be settled by %q: propose source, hubspot, base or value", x.Conflict, x.Choice)}
		}
		all = append(all, store.Proposal{Conflict: x.Conflict, Choice: plan.Choice(x.Choice), Value: x.Value, Why: x.Why, Proposer: "an assistant"})
	}
	kept, err := d.app.Propose(ctx, all)
	if err != nil {
		return nil, err
	}
	return map[string]any{"kept": kept, "passed_over": len(all) - kept, "do": "Tell the person: the proposals stand in Review, to be taken over there or by syncline review FILE --take proposed."}, nil
}
