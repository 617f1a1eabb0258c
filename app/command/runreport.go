package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"syncline/app"
	"syncline/store"
)

func report(ctx context.Context, c *call) (app.Kind, error) {
	if c.verify {
		return verifyReport(c)
	}
	switch set, err := c.app.SetReport(ctx, c.args[0]); {
	case err == nil:
		return c.writeReport(func(w io.Writer) (app.Signature, error) { return c.app.WriteSetReport(ctx, set, w) },
			func(w io.Writer) (app.Signature, error) { return c.app.WriteSetReportHTML(ctx, set, w) },
			func(s app.Signature) { printSetReport(c, set, s) })
	case !errors.Is(err, store.ErrNotFound):
		return app.Failed, err
	}
	r, err := c.app.RunReport(ctx, c.args[0])
	if err != nil {
		return app.Failed, err
	}
	return c.writeReport(func(w io.Writer) (app.Signature, error) { return c.app.WriteReport(ctx, r, w) },
		func(w io.Writer) (app.Signature, error) { return c.app.WriteReportHTML(ctx, r, w) },
		func(s app.Signature) { printReport(c, r, s) })
}

// writeReport writes a report in the forms that were asked for.
func (c *call) writeReport(document, page func(io.Writer) (app.Signature, error), tell func(app.Signature)) (app.Kind, error) {
	var s app.Signature
	var err error
	if c.html != "" {
		if s, err = writeBeside(c.html, page); err != nil {
			return app.Failed, err
		}
	}
	if c.json {
		out := bufio.NewWriter(c.Out)
		if _, err = document(out); err == nil {
			err = out.Flush()
		}
		return 0, err
	}
	if c.html == "" {
		if s, err = document(io.Discard); err != nil {
			return app.Failed, err
		}
	}
	tell(s)
	return 0, nil
}

// writeBeside writes a file whole or not at all.
func writeBeside(path string, write func(io.Writer) (app.Signature, error)) (s app.Signature, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return s, &app.UseError{Msg: fmt.Sprintf("the report can't be written to %s: %v", path, err)}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	s, err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return s, err
}

func printReport(c *call, r app.RunReport, s app.Signature) {
	n := r.Counts
	fmt.Fprintf(c.Out, "%s: run %s, %s\n", plainly(r.Sync), r.Run, r.State)
	fmt.Fprintf(c.Out, "%d created + %d updated + %d unchanged + %d conflict + %d skipped + %d failed = %d read; they add up: %s\n",
		n.Created, n.Updated, n.Unchanged, n.Conflict, n.Skipped, n.Failed, n.Read, plainly(r.AddUp))
	fmt.Fprintf(c.Out, "source %s, SHA-256 %s\ndefinition SHA-256 %s\nplan %s, hash %s, revision %d\n", plainly(r.Inputs.Source), r.Inputs.SourceSHA256, r.Inputs.DefinitionSHA256, r.Plan.ID, r.Plan.Applied, r.Plan.Revision)
	fmt.Fprintf(c.Out, "%d read back, %d still to be, %d displaced\n", r.Verification.ReadBack, r.Verification.Waiting, len(r.Verification.Displaced))
	c.tellSignature(s)
}

func printSetReport(c *call, r app.SetReport, s app.Signature) {
	fmt.Fprintf(c.Out, "%s: run of the set %s, %s\n", plainly(r.Set), r.Run, r.State)
	for _, m := range r.Members {
		n := m.Counts
		fmt.Fprintf(c.Out, "%s: run %s, %s: %d created + %d updated + %d unchanged + %d conflict + %d skipped + %d failed = %d read; they add up: %s\n",
			plainly(m.Sync), m.Run, m.State, n.Created, n.Updated, n.Unchanged, n.Conflict, n.Skipped, n.Failed, n.Read, plainly(m.AddUp))
	}
	c.tellSignature(s)
}

// tellSignature says whether a report is signed, and where it lies.
func (c *call) tellSignature(s app.Signature) {
	if s.Value == "" {
		fmt.Fprintln(c.Out, plainly(s.Unsigned))
	} else {
		fmt.Fprintf(c.Out, "signed, fingerprint %s\n", s.Fingerprint)
	}
	if c.html != "" {
		fmt.Fprintf(c.Out, "written to %s\n", plainly(c.html))
	}
}

func verifyReport(c *call) (app.Kind, error) {
	v, err := app.VerifyReport(c.args[0])
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		err = c.document(v)
	} else {
		fmt.Fprintln(c.Out, plainly(v.Message))
	}
	if !v.Valid {
		return app.Failed, err
	}
	return 0, err
}
