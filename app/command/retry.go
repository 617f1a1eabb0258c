package command

import (
	"context"
	"fmt"
	"strings"

	"syncline/app"
	"syncline/sync/engine"
)

func retry(ctx context.Context, c *call) (app.Kind, error) {
	if c.sent {
		return takeAsSent(ctx, c)
	}
	var values []app.CorrectedValue
	for _, text := range c.set {
		field, value, ok := strings.Cut(text, "=")
		if !ok || field == "" {
			return app.WrongUse, &app.UseError{Msg: fmt.Sprintf("--set wants FIELD=VALUE, not %q", text)}
		}
		values = append(values, app.CorrectedValue{Field: field, Value: value})
	}
	progress := &engine.Progress{}
	stop := c.follow(func() string { return progressLine(progress.Snapshot()) })
	res, err := c.app.RetryRows(ctx, c.args[0], c.rows, values, app.Options{Portal: c.portal, Confirmed: c.yes, Progress: progress})
	stop()
	if app.NothingFailed(err) {
		if c.json {
			return 0, c.document(map[string]any{"state": "done", "retried": 0, "rows": []any{}})
		}
		fmt.Fprintln(c.Out, "no row needs attention: there is nothing to retry")
		return 0, nil
	}
	return c.conclude(ctx, res, err)
}

// takeAsSent takes rows as sent of which nobody can tell it.
func takeAsSent(ctx context.Context, c *call) (app.Kind, error) {
	if len(c.rows) == 0 || len(c.set) > 0 {
		return app.WrongUse, &app.UseError{Msg: "--sent takes the rows as sent that --row names, and sends nothing"}
	}
	n, err := c.app.TakeAsSent(ctx, c.args[0], c.rows)
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(map[string]any{"state": "done", "taken_as_sent": n})
	}
	fmt.Fprintf(c.Out, "%d rows taken as sent\n", n)
	return 0, nil
}

func attention(ctx context.Context, c *call) (app.Kind, error) {
	all, err := c.app.FailedRows(ctx, c.args[0])
	if err != nil {
		return app.Failed, err
	}
	waiting, given := []map[string]any{}, []map[string]any{}
	for _, a := range all {
		doc := failedRow(a)
		if a.GivenUp.IsZero() {
			waiting = append(waiting, doc)
			continue
		}
		doc["given_up"], doc["given_up_by"] = a.GivenUp, a.GivenBy
		given = append(given, doc)
	}
	if c.json {
		return 0, c.document(map[string]any{"rows": waiting, "given_up": given})
	}
	for _, a := range all {
		mark := ""
		if !a.GivenUp.IsZero() {
			mark = " (given up)"
		}
		at := ""
		if a.Line > 0 { // the rows of a table have none
			at = fmt.Sprintf(" (line %d)", a.Line)
		}
		fmt.Fprintf(c.Out, "%s%s: %s%s: %s\n", plainly(a.RowKey), at, a.Cause, mark, plainly(a.Message))
		for _, s := range a.Suggestions {
			fmt.Fprintf(c.Out, "    %s: %q would do, %s\n", plainly(s.Field), s.Value, plainly(s.Why))
		}
		for _, k := range a.Corrections {
			state := "counts in the next run"
			if !k.Lapsed.IsZero() {
				state = "lapsed: the cell was changed since"
			}
			fmt.Fprintf(c.Out, "    %s: corrected to %q by %s, %s\n", plainly(k.Field), k.Value, plainly(k.By), state)
		}
	}
	fmt.Fprintf(c.Out, "%d rows need attention\n", len(waiting))
	if len(given) > 0 {
		fmt.Fprintf(c.Out, "%d rows were given up\n", len(given))
	}
	return 0, nil
}

func failedRow(a app.FailedRow) map[string]any {
	suggestions, corrections := []map[string]any{}, []map[string]any{}
	for _, s := range a.Suggestions {
		suggestions = append(suggestions, map[string]any{"field": s.Field, "property": s.Property, "cell": s.Cell, "value": s.Value, "why": s.Why})
	}
	for _, k := range a.Corrections {
		corrections = append(corrections, map[string]any{"field": k.Field, "value": k.Value, "cell": k.Cell, "by": k.By, "at": k.At, "lapsed": !k.Lapsed.IsZero()})
	}
	return map[string]any{"id": a.ID, "key": a.RowKey, "record": a.RecordID, "name": a.Name, "line": a.Line, "class": a.Class, "cause": a.Cause, "message": a.Message,
		"plain": a.Plain, "detail": a.Detail, "tries": a.Tries, "suggestions": suggestions, "corrections": corrections}
}
