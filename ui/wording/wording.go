// Package wording says in the window’s words, icons and colours what the use-cases
// tell: fates, states, costs, object types, portals.
package wording

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// SentenceCase begins a reason with a capital.
func SentenceCase(s string) string {
	if s == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// JoinSentences joins sentences, each of which may lack its full stop; empty ones
// are left out.
func JoinSentences(parts ...string) string {
	text := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if text != "" {
			text += " "
		}
		text += p
		if p[len(p)-1] != '.' {
			text += "."
		}
	}
	return text
}

// OrNothing is a value as it is shown: of an empty one that it is none.
func OrNothing(s string) string {
	if s == "" {
		return "no value"
	}
	return s
}

// Lower begins a label in small letters, unless it is an abbreviation.
func Lower(label string) string {
	if r := []rune(label); len(r) > 1 && strings.ToUpper(string(r[1])) == string(r[1]) && strings.ToLower(string(r[1])) != string(r[1]) {
		return label
	}
	return strings.ToLower(label)
}

// ObjectWord is the object type in words.
func ObjectWord(id string) string { return app.ObjectLabel(id) }

// ObjectIcon is the icon of an object type.
func ObjectIcon(t hubspot.ObjectType) look.Icon {
	icon, ok := map[string]look.Icon{"contacts": "contact", "companies": "company", "deals": "deal", "tickets": "ticket",
		"products": "archive", "line_items": "columns", "notes": "edit"}[t.Name]
	if !ok {
		return "records"
	}
	return icon
}

// IconOf is the icon of an object type by the name that a document has.
func IconOf(name string) look.Icon {
	if t, ok := hubspot.FindObjectType(name); ok {
		return ObjectIcon(t)
	}
	return "records"
}

// SourceIcon is the icon of a kind of source, as definitions name it.
func SourceIcon(kind string) look.Icon {
	switch kind {
	case "excel", "ods":
		return "spreadsheet"
	case "sqlite", "postgres", "mysql":
		return "database"
	case "hubspot":
		return "portal"
	}
	return "file"
}

// Trouble says what went wrong and what to do, as a database or app puts it.
func Trouble(err error) (what, do string) {
	if what, do = app.DatabaseTrouble(err); what != "" {
		return SentenceCase(what), SentenceCase(do)
	}
	e := app.Explain(err)
	return SentenceCase(e.What), JoinSentences(e.Means, e.Do)
}

// RowsAbout is a server's estimate of how many rows a table has.
func RowsAbout(n int) grid.Cell {
	if n < 0 {
		return grid.Cell{Text: "not known", Style: grid.Faint}
	}
	return grid.Cell{Text: look.Number(n)}
}

// CostWords says what applying costs: calls, time, share of today's limit.
func CostWords(e app.Estimate) string {
	if e.Calls == 0 {
		return "no call to HubSpot"
	}
	text := look.Count(e.Calls, "call", "calls")
	if e.Verify > 0 {
		text += ", " + look.Number(e.Verify) + " of them to read back"
	}
	text += " · about " + look.Took(max(e.Took, time.Second))
	if e.Limit > 0 {
		text += " · " + look.Share(e.Calls, e.Limit) + " of today’s limit"
	}
	return text
}

// FateOf is a fate as the window colours and names it.
func FateOf(fate plan.Fate) look.Meaning {
	switch fate {
	case plan.FateCreated:
		return look.Create
	case plan.FateUpdated:
		return look.Update
	case plan.FateUnchanged:
		return look.Unchanged
	case plan.FateConflict:
		return look.Conflict
	case plan.FateSkipped:
		return look.Skipped
	case plan.FateFailed:
		return look.Failed
	case plan.FateToDo:
		return look.ToDo
	case plan.FateAssociated:
		return look.Associated
	}
	return look.Neutral
}

// MeaningCounts are counts by what they mean.
func MeaningCounts(c engine.Counts) map[look.Meaning]int {
	return map[look.Meaning]int{look.Create: c.Created, look.Update: c.Updated, look.Unchanged: c.Unchanged, look.Conflict: c.Conflict, look.Skipped: c.Skipped, look.Failed: c.Failed}
}

// StateWords say how a run ended.
func StateWords(state plan.RunState) string {
	return map[plan.RunState]string{plan.RunDone: "Done", plan.RunStopped: "Stopped by a person", plan.RunFailed: "Failed", plan.RunInterrupted: "Did not end", plan.RunRunning: "Still running"}[state]
}

// StateTag says how a run ended.
func StateTag(state plan.RunState) grid.Cell {
	m, word := look.Create, "Done"
	switch state {
	case "running":
		m, word = look.Neutral, "Running"
	case "interrupted":
		m, word = look.Conflict, "Interrupted"
	case "stopped":
		m, word = look.Conflict, "Stopped"
	case "failed":
		m, word = look.Failed, "Failed"
	}
	icon := m.Icon()
	if m == look.Create {
		icon = "check"
	}
	return grid.Cell{TagOf: m, TagIcon: icon, Text: word}
}

// BackToSet is what the button of a set's plan says.
const BackToSet = "Back to the set"

// LaneState is a lane’s state as the engine tells it.
func LaneState(state string) widgets.LaneState {
	switch state {
	case "working":
		return widgets.LaneWorking
	case "waiting":
		return widgets.LaneWaiting
	case "done":
		return widgets.LaneDone
	case "stopped":
		return widgets.LaneStopped
	}
	return widgets.LaneIdle
}

// PortalMeaning is the kind of portal as the window colours it.
func PortalMeaning(kind, accountType string) look.Meaning {
	switch {
	case kind == app.KindPractice:
		return look.Practice
	case accountType == "SANDBOX" || accountType == "DEVELOPER_TEST":
		return look.Sandbox
	}
	return look.Production
}

// Reserve is the share of a day's calls that stays for the portal's other apps.
const Reserve = 0.2

// DailyBudget is today's use of the portal's calls, empty before HubSpot told
// it. This program may have begun yesterday: it used no more than all together.
func DailyBudget(t hubspot.Traffic) widgets.Budget {
	d := t.Daily
	if !d.Known {
		return widgets.Budget{}
	}
	spent := max(0, d.Max-d.Remaining)
	used := min(t.Total, spent)
	return widgets.Budget{Used: used, Others: spent - used, Limit: d.Max, Reserve: Reserve}
}
