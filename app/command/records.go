package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"syncline/app"
	"syncline/app/records"
	look "syncline/app/shown"
	"syncline/app/terminal"
	"syncline/sync/record"
)

// findRecords searches a portal. Records are printed as they come, so that their number does not
// matter.
func findRecords(ctx context.Context, c *call) (app.Kind, error) {
	var group records.Group
	for _, text := range c.where {
		cond, err := records.ParseCondition(text)
		if err != nil {
			return app.WrongUse, &app.UseError{Msg: "--where " + err.Error()}
		}
		group = append(group, cond)
	}
	r, err := c.app.Records(ctx, c.portal, c.args[0], look.New(language.English, nil))
	if err != nil {
		return app.Failed, err
	}
	q := records.Query{Columns: c.properties}
	if len(group) > 0 {
		q.Filter = records.Filter{group}
	}
	if c.list != "" {
		list, err := r.ListNamed(ctx, c.list)
		var none *records.Problem
		if errors.As(err, &none) {
			return app.WrongUse, &app.UseError{Msg: "--list: " + none.Error()}
		}
		if err != nil {
			return app.Failed, err
		}
		q.List = &list
	}
	if len(q.Columns) == 0 {
		q.Columns = append(slices.Clone(r.Object.Primary), r.UsualColumns()...)
		slices.Sort(q.Columns)
		q.Columns = slices.Compact(q.Columns)
	}
	for _, name := range q.Columns {
		if _, ok := r.Property(name); !ok {
			return app.WrongUse, &app.UseError{Msg: fmt.Sprintf("--properties: %s have no property %q", strings.ToLower(r.Object.Label), name)}
		}
	}
	found, err := r.Find(q)
	if err != nil {
		return app.WrongUse, &app.UseError{Msg: "--where: " + err.Error()}
	}
	if c.csv != "" {
		n, err := r.Export(ctx, found, c.csv, false)
		if err != nil {
			return app.Failed, err
		}
		if c.json {
			return 0, c.document(map[string]any{"object": r.Object.Name, "portal": r.Portal.Name, "count": n, "csv": c.csv})
		}
		fmt.Fprintf(c.Out, "%d %s written to %s\n", n, strings.ToLower(r.Object.Label), plainly(c.csv))
		return 0, nil
	}
	if c.json {
		return c.listJSON(ctx, r, found)
	}
	n := 0
	err = found.All(ctx, func(page []record.Record) error {
		for _, rec := range page {
			parts := []string{rec.ID}
			for _, name := range q.Columns {
				if v := r.Shown(rec, name); v != "" {
					parts = append(parts, name+"="+terminal.Line(v))
				}
			}
			if _, err := fmt.Fprintln(c.Out, strings.Join(parts, "  ")); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return app.Failed, err
	}
	fmt.Fprintf(c.Out, "%d %s\n", n, strings.ToLower(r.Object.Label))
	return 0, nil
}

// listJSON prints one document whose list is written as the pages come. A failure on the way stands
// at its end, so that what was printed stays one document.
func (c *call) listJSON(ctx context.Context, r *app.Records, found *records.Results) (app.Kind, error) {
	head, err := json.Marshal(map[string]any{"object": r.Object.Name, "portal": r.Portal.Name})
	if err != nil {
		return app.Failed, err
	}
	if _, err := fmt.Fprintf(c.Out, "%s,\"records\":[", strings.TrimSuffix(string(head), "}")); err != nil {
		return app.Failed, err
	}
	n := 0
	err = found.All(ctx, func(page []record.Record) error {
		for _, rec := range page {
			properties := make(map[string]*string, len(found.Columns))
			for _, name := range found.Columns {
				properties[name] = nil
				if v := rec.Properties[name]; v.State() == record.Present {
					text := v.String()
					properties[name] = &text
				}
			}
			line, err := json.Marshal(map[string]any{"id": rec.ID, "properties": properties, "created": rec.Created, "updated": rec.Updated})
			if err != nil {
				return err
			}
			comma := ","
			if n == 0 {
				comma = ""
			}
			if _, err := fmt.Fprintf(c.Out, "%s\n%s", comma, line); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err == nil {
		_, err = fmt.Fprintf(c.Out, "\n],\"count\":%d}\n", n)
		return 0, err
	}
	e := explain(err)
	end, jerr := json.Marshal(map[string]any{"count": n, "state": "failed", "exit": int(e.Kind), "error": errorObject(e)})
	if jerr != nil {
		return app.Failed, jerr
	}
	fmt.Fprintf(c.Out, "\n],%s\n", strings.TrimPrefix(string(end), "{"))
	fmt.Fprintf(c.Err, "syncline records: %s\n", explained(err))
	return e.Kind, nil
}
