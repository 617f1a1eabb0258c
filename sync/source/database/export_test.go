package database

import "time"

func init() { lockTimeout = time.Second } // so that tests of held rows don't take long
