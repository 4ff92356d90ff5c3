# What each target does is in the line after its name: `make` prints them.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run demo test test-long benchmark screenshots format clean

help: ## this list
	@echo 'Aikatori: a marketplace for specialists'"'"' time between organisations.'
	@echo
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

run: ## install what is missing, build, and serve with example organisations until Ctrl-C
	@.ci/packages curl
	@.ci/build
	@.build/debug/aikatori serve

demo: ## play the whole life of a sold minute, from a contract to a paid invoice
	@.ci/packages
	@.ci/build
	@.build/debug/aikatori demo

test: ## everything that must hold on every change
	@.ci/test

test-long: ## the same tests with bigger numbers (a year, a million), for hours
	@AIKATORI_TESTS=long .ci/test

benchmark: ## measure the server against what its database can do, as ratios of one run
	@.ci/packages wrk
	@.ci/python
	swift build -c release --product aikatori
	@.build/venv/bin/python Benchmarks/benchmark.py

screenshots: ## put a picture of every page into docs/screenshots
	@.ci/packages chromium chromium-driver fonts-liberation
	@.ci/python
	@.ci/build
	@.build/venv/bin/python Tests/Outside/screenshots.py docs/screenshots

format: ## lay out the Swift sources as the lint wants them
	swift format --in-place --recursive --parallel Sources Tests Package.swift

clean: ## remove what was built; the databases under var/ stay
	rm -rf .build
