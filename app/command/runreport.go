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
)

func report(ctx context.Context, c *call) (app.Kind, error) {
	if c.verify {
		return verifyReport(c)
	}
	r, err := c.app.RunReport(ctx, c.args[0])
	if err != nil {
		return app.Failed, err
	}
	var s app.Signature
	if c.html != "" {
		if s, err = writeBeside(c.html, func(w io.Writer) (app.Signature, error) { return c.app.WriteReportHTML(ctx, r, w) }); err != nil {
			return app.Failed, err
		}
	}
	if c.json {
		out := bufio.NewWriter(c.Out)
		if _, err = c.app.WriteReport(ctx, r, out); err == nil {
			err = out.Flush()
		}
		return 0, err
	}
	if c.html == "" {
		if s, err = c.app.WriteReport(ctx, r, io.Discard); err != nil {
			return app.Failed, err
		}
	}
	printReport(c, r, s)
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
	switch {
	case s.Value == "":
		fmt.Fprintln(c.Out, plainly(s.Unsigned))
	default:
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
