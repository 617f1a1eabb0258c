package engine

import "sync"

// headroomBytes is by how much the heap may grow, beyond what the garbage
// collector lets it, before it is collected.
const headroomBytes = 64 << 20

// headroom lets garbage be collected less often from the first run on. What a
// run holds is small beside what it uses for a moment, so that Go's own rule, to
// collect when the heap has doubled, collects every few megabytes, which is a fifth
// of a run's processor time. The collector counts these bytes as held; nobody
// touches them, so that they take no memory themselves. Unlike a higher GOGC
// this adds the same to a small heap and to a large one.
var headroom = sync.OnceValue(func() []byte { return make([]byte, headroomBytes) })
