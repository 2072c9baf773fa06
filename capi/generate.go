package main

// What repeats the headers in include/qnet is generated from them.
//go:generate go run ./internal/gen
