package command

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// print prints what a preview, a run or an undo came to. The rows are streamed,
// because there may be as many as the source has.
func (c *call) print(ctx context.Context, res engine.Result) error {
	doc, err := c.app.ReportHead(ctx, res)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(c.Out)
	if c.json {
		err = c.printJSON(ctx, out, doc)
	} else {
		err = c.printText(ctx, out, doc)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// printJSON prints one JSON document with each row on a line of its own.
func (c *call) printJSON(ctx context.Context, out *bufio.Writer, doc app.Report) error {
	return streamed(out, doc, listOf("rows", c.reportRows(ctx, doc.Plan)), listOf("associations", c.reportEdges(ctx, doc.Plan)))
}

// reportEdges are the associations of a plan that are printed: with --summary
// none.
func (c *call) reportEdges(ctx context.Context, planID string) iter.Seq2[app.ReportEdge, error] {
	if c.summary {
		return func(func(app.ReportEdge, error) bool) {}
	}
	return c.app.ReportEdges(context.WithoutCancel(ctx), planID)
}

// reportRows are the rows of a plan that are printed: with --summary none. A
// document that was begun is ended, whatever is interrupted: half of one is none.
func (c *call) reportRows(ctx context.Context, planID string) iter.Seq2[app.ReportRow, error] {
	if c.summary {
		return func(func(app.ReportRow, error) bool) {}
	}
	return c.app.ReportRows(context.WithoutCancel(ctx), planID)
}

// list is a list of a document that is printed one by one.
type list struct {
	name string
	all  iter.Seq2[any, error]
}

func listOf[T any](name string, all iter.Seq2[T, error]) list {
	return list{name, func(yield func(any, error) bool) {
		for v, err := range all {
			if !yield(v, err) {
				return
			}
		}
	}}
}

// streamed prints a document in which the lists are empty, in its order, with
// what they hold one by one.
func streamed(out *bufio.Writer, doc any, lists ...list) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	rest := bytes.Clone(text.Bytes())
	for _, l := range lists {
		name := fmt.Sprintf("\n  %q: [", l.name)
		head, tail, ok := bytes.Cut(rest, []byte(name+"]"))
		if !ok {
			return fmt.Errorf("the document has no empty list %s", l.name)
		}
		out.Write(head) // a bufio.Writer keeps its error until Flush
		out.WriteString(name)
		if err := l.print(out); err != nil {
			return err
		}
		rest = tail
	}
	_, err := out.Write(rest)
	return err
}

// print prints what the list holds, and its end.
func (l list) print(out *bufio.Writer) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	before := "\n    "
	for v, err := range l.all {
		if err != nil {
			return err
		}
		text.Reset()
		if err := enc.Encode(v); err != nil {
			return err
		}
		out.WriteString(before)
		if _, err := out.Write(bytes.TrimRight(text.Bytes(), "\n")); err != nil {
			return err
		}
		before = ",\n    "
	}
	if before != "\n    " {
		out.WriteString("\n  ")
	}
	_, err := out.WriteString("]")
	return err
}

// creating says by which way a plan creates its records, and what the other one costs.
func creating(w engine.Creating) string {
	switch {
	case w.Refused != "":
		return fmt.Sprintf("created in batches: %d calls with the reading back", w.Batch)
	case w.Lane == engine.ByImport:
		return fmt.Sprintf("created by HubSpot's import: about %d calls; in batches it would be %d, which --lane batch takes", w.Import, w.Batch)
	}
	return fmt.Sprintf("created in batches: %d calls with the reading back; by HubSpot's import it would be about %d, which --lane bulk takes", w.Batch, w.Import)
}

// reading says by which way all records were read, and what the other one costs.
func reading(r engine.Reading) string {
	switch {
	case r.Way == engine.ByExport:
		return fmt.Sprintf("%d records read by HubSpot's export: about %d calls; by the list it would be %d, which --pull list takes", r.Records, r.Export, r.List)
	case r.Refused != "":
		return fmt.Sprintf("%d records read by the list, %d calls, and not by HubSpot's export: %s", r.Records, r.List, r.Refused)
	}
	return fmt.Sprintf("%d records read by the list: %d calls; by HubSpot's export it would be about %d, which --pull export takes", r.Records, r.List, r.Export)
}

func (c *call) printText(ctx context.Context, out *bufio.Writer, doc app.Report) error {
	// Without a run nothing was done: the plan tells what would be.
	n, would := doc.Counts, ""
	if doc.Run == "" {
		would = "would be "
	}
	fmt.Fprintf(out, "%s: %s\n", plainly(doc.Sync), doc.State)
	left := ""
	if n.ToDo > 0 {
		left = fmt.Sprintf(" + %d still to do", n.ToDo)
	}
	fmt.Fprintf(out, "%d %screated + %d %supdated + %d unchanged + %d conflict + %d skipped + %d failed%s = %d read\n",
		n.Created, would, n.Updated, would, n.Unchanged, n.Conflict, n.Skipped, n.Failed, left, n.Read)
	if n.SourceCreated+n.SourceUpdated+n.Archived > 0 {
		fmt.Fprintf(out, "in the source: %d %screated, %d %supdated; in HubSpot: %d %sarchived\n", n.SourceCreated, would, n.SourceUpdated, would, n.Archived, would)
	}
	if n.Associated+n.Dissociated+n.Waiting > 0 {
		fmt.Fprintf(out, "associations: %d %smade, %d %sremoved, %d waiting\n", n.Associated, would, n.Dissociated, would, n.Waiting)
	}
	fmt.Fprintf(out, "%d calls, %d of them searches\n", doc.Calls.Total, doc.Calls.Search)
	if r := doc.Reading; r != nil {
		fmt.Fprintln(out, plainly(reading(*r)))
	}
	if w := doc.Creating; w != nil {
		fmt.Fprintln(out, plainly(creating(*w)))
	}
	for _, note := range doc.Notes {
		fmt.Fprintln(out, plainly(note))
	}
	for row, err := range c.reportRows(ctx, doc.Plan) {
		if err != nil {
			return err
		}
		if !row.Edge {
			printRow(out, row, doc.Run != "")
		}
	}
	for e, err := range c.reportEdges(ctx, doc.Plan) {
		if err != nil {
			return err
		}
		printEdge(out, e)
	}
	if doc.Run != "" {
		fmt.Fprintf(out, "run %s\n", doc.Run)
	}
	if doc.Plan != "" {
		fmt.Fprintf(out, "plan %s, hash %.12s\n", doc.Plan, doc.Hash)
	}
	return nil
}

func printRow(out *bufio.Writer, row app.ReportRow, begun bool) {
	name := plainly(row.Key)
	if name == "" && row.Record != "" {
		name = "record " + row.Record
	}
	if row.Line > 0 {
		name = fmt.Sprintf("%s (line %d)", name, row.Line)
	}
	fmt.Fprintf(out, "  %-9s %s: %s\n", app.FateWords(row.Fate, begun), name, plainly(row.Reason))
	for _, f := range row.Fields {
		if row.Fate == plan.FateCreated {
			continue
		}
		fmt.Fprintf(out, "            %s: %s → %s\n", plainly(f.Property), shown(f.Old), shown(f.New))
	}
}

func printEdge(out *bufio.Writer, e app.ReportEdge) {
	name := plainly(e.Key)
	if e.Line > 0 {
		name = fmt.Sprintf("%s (line %d)", name, e.Line)
	}
	to := plainly(cmp.Or(e.Names, e.To))
	if e.Label != "" {
		to += " as " + plainly(e.Label)
	}
	field := plainly(e.Field)
	if to == "" || strings.HasSuffix(field, " "+to) { // as “Member of” a list is
		to = field
	} else {
		to = field + ": " + to
	}
	fmt.Fprintf(out, "  %-9s %s: %s: %s\n", e.Action, name, to, plainly(e.Reason))
}
