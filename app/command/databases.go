package command

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"syncline/app"
	"syncline/sync/source/database"
)

func addDatabase(ctx context.Context, c *call) (app.Kind, error) {
	n := app.NewDatabase{Name: c.args[0], Address: c.args[1]}
	if c.passwordStdin {
		b, err := readAll(ctx, io.LimitReader(c.In, maxToken))
		if err != nil {
			return app.Failed, fmt.Errorf("the password can't be read from standard input: %w", err)
		}
		n.Password = strings.TrimRight(string(b), "\r\n")
	} else {
		n.Password = c.app.Env.SourcePassword
	}
	if c.ssh != "" {
		n.Tunnel = &database.Tunnel{Server: c.ssh, Key: absolute(c.sshKey), Jump: c.sshJump}
	} else if c.sshKey+c.sshJump != "" {
		return app.Failed, &app.UseError{Msg: "--ssh-key and --ssh-jump go with --ssh, which names the server"}
	}
	d, check, err := c.app.AddDatabase(ctx, n)
	if err != nil {
		return app.Failed, err
	}
	if check.Weak != "" {
		fmt.Fprintln(c.Err, plainly(check.Weak))
	}
	if c.json {
		return 0, c.document(map[string]any{"name": d.Name, "kind": d.Kind, "address": d.Address, "version": check.Version, "tables": check.Tables})
	}
	fmt.Fprintf(c.Out, "added %s: %s, %s\n", plainly(d.Name), plainly(d.Address), tablesCount(check.Tables))
	return 0, nil
}

// absolute is a path that holds wherever the program runs next, "" for none.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func tablesCount(n int) string {
	if n == 1 {
		return "1 table"
	}
	return fmt.Sprintf("%d tables", n)
}

func testDatabase(ctx context.Context, c *call) (app.Kind, error) {
	check, err := c.app.TestDatabase(ctx, c.args[0])
	if err != nil {
		return app.Failed, err
	}
	if check.Weak != "" {
		fmt.Fprintln(c.Err, plainly(check.Weak))
	}
	if c.json {
		return 0, c.document(map[string]any{"version": check.Version, "tables": check.Tables, "warning": check.Weak})
	}
	fmt.Fprintf(c.Out, "it works: %s, %s\n", plainly(check.Version), tablesCount(check.Tables))
	return 0, nil
}

func listDatabases(ctx context.Context, c *call) (app.Kind, error) {
	all, err := c.app.Databases(ctx)
	if err != nil {
		return app.Failed, err
	}
	list := make([]map[string]any, 0, len(all))
	for _, d := range all {
		health := "ok"
		if d.Health != "" {
			health = d.Health
		}
		if !c.json {
			fmt.Fprintf(c.Out, "%s  %s  %s\n", plainly(d.Name), plainly(d.Address), plainly(health))
		}
		list = append(list, map[string]any{"name": d.Name, "kind": d.Kind, "address": d.Address, "health": health, "checked": d.Checked.UTC().Format(time.RFC3339)})
	}
	if c.json {
		return 0, c.document(map[string]any{"databases": list})
	}
	return 0, nil
}

func removeDatabase(ctx context.Context, c *call) (app.Kind, error) {
	if err := c.app.RemoveDatabase(ctx, c.args[0]); err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(map[string]any{"name": c.args[0], "state": "removed"})
	}
	fmt.Fprintf(c.Out, "removed %s; its password is deleted\n", plainly(c.args[0]))
	return 0, nil
}

func listTables(ctx context.Context, c *call) (app.Kind, error) {
	all, err := c.app.Tables(ctx, c.args[0])
	if err != nil {
		return app.Failed, err
	}
	list := make([]map[string]any, 0, len(all))
	for _, t := range all {
		rows := "unknown"
		if t.Rows >= 0 {
			rows = fmt.Sprintf("about %d rows", t.Rows)
		}
		if !c.json {
			fmt.Fprintf(c.Out, "%s  %s  %s\n", plainly(t.Full()), t.What, rows)
		}
		list = append(list, map[string]any{"table": t.Full(), "schema": t.Schema, "name": t.Name, "what": t.What, "rows": t.Rows})
	}
	if c.json {
		return 0, c.document(map[string]any{"tables": list})
	}
	return 0, nil
}

func databaseGrants(ctx context.Context, c *call) (app.Kind, error) {
	script, err := c.app.Grants(ctx, c.args[0], c.user)
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(map[string]any{"sql": script})
	}
	fmt.Fprint(c.Out, script)
	return 0, nil
}

func databaseSQL(ctx context.Context, c *call) (app.Kind, error) {
	list := []string{}
	err := c.app.PlanSQL(ctx, c.args[0], func(statement string) error {
		if c.json {
			list = append(list, statement)
			return nil
		}
		_, err := fmt.Fprintln(c.Out, statement)
		return err
	})
	if err == nil && c.json {
		err = c.document(map[string]any{"plan": c.args[0], "statements": list})
	}
	return 0, err
}
