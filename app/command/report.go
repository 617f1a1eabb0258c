package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"

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

// noRows is how the list of rows looks in a document that has none yet.
const noRows = "\n  \"rows\": []"

// printJSON prints one JSON document with each row on a line of its own.
func (c *call) printJSON(ctx context.Context, out *bufio.Writer, doc app.Report) error {
	return streamed(out, doc, c.reportRows(ctx, doc.Plan))
}

// reportRows are the rows of a plan that are printed: with --summary none.
func (c *call) reportRows(ctx context.Context, planID string) iter.Seq2[app.ReportRow, error] {
	if c.summary {
		return func(func(app.ReportRow, error) bool) {}
	}
	return c.app.ReportRows(ctx, planID)
}

// streamed prints a document whose list of rows is empty, with the rows that
// come one by one.
func streamed[T any](out *bufio.Writer, doc any, all iter.Seq2[T, error]) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	head, tail, ok := bytes.Cut(text.Bytes(), []byte(noRows))
	if !ok {
		return fmt.Errorf("the document has no list of rows")
	}
	out.Write(head) // a bufio.Writer keeps its error until Flush
	out.WriteString("\n  \"rows\": [")
	before := "\n    "
	rest := bytes.Clone(tail)
	rows := json.NewEncoder(&text)
	rows.SetEscapeHTML(false)
	for row, err := range all {
		if err != nil {
			return err
		}
		text.Reset()
		if err := rows.Encode(row); err != nil {
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
	out.WriteString("]")
	_, err := out.Write(rest)
	return err
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
	fmt.Fprintf(out, "%d calls, %d of them searches\n", doc.Calls.Total, doc.Calls.Search)
	for _, note := range doc.Notes {
		fmt.Fprintln(out, plainly(note))
	}
	for row, err := range c.reportRows(ctx, doc.Plan) {
		if err != nil {
			return err
		}
		printRow(out, row, doc.Run != "")
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
