package command

import (
	"context"

	"syncline/app"
	"syncline/app/assistant"
)

// assist serves an assistant on standard input and output until it ends.
func assist(ctx context.Context, c *call) (app.Kind, error) {
	return 0, assistant.Serve(ctx, c.app, assistant.Options{Redact: c.redact, Portal: c.portal}, c.In, c.Out)
}
