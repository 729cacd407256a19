# Panel models of simulated series with missing values that the reference tests compare with.
#
#   Rscript panel.R panel.csv panel.reference.json
#
# Needs lavaan and jsonlite.

suppressPackageStartupMessages(library(lavaan))

TIMES <- 1:5
DIGITS <- 11

wide <- function(rows) {
  once <- unique(rows[c("person", "once")])
  cells <- reshape(rows[c("person", "time", "x", "y")],
    idvar = "person", timevar = "time", direction = "wide", sep = ""
  )
  merge(cells, once)
}

numbers <- function(x) signif(as.vector(x), DIGITS)

lines <- function(...) paste(unlist(lapply(list(...), paste, collapse = "\n")), collapse = "\n")

# A label with the time where paths are free, without where they are the same.
at <- function(label, t, free) if (free) paste0(label, t) else rep(label, length(t))

cross_lagged <- function(free, correlated, slopes) {
  later <- TIMES[-1]
  traits <- if (slopes) c("RX", "RY", "SX", "SY") else c("RX", "RY")
  sum_of <- function(measure) paste0("1*", measure, TIMES, collapse = " + ")
  # Within persons everything is latent, so that residual variances are those of p and q.
  lines(
    paste0("RX =~ ", sum_of("x")), paste0("RY =~ ", sum_of("y")),
    if (slopes) {
      c(
        paste0("SX =~ ", paste0((TIMES - 1) / 4, "*x", TIMES, collapse = " + ")),
        paste0("SY =~ ", paste0((TIMES - 1) / 4, "*y", TIMES, collapse = " + "))
      )
    },
    paste0("p", TIMES, " =~ 1*x", TIMES), paste0("q", TIMES, " =~ 1*y", TIMES),
    paste0("x", TIMES, " ~~ 0*x", TIMES), paste0("y", TIMES, " ~~ 0*y", TIMES),
    paste0(
      "p", later, " ~ ", at("a", later, free), "*p", later - 1, " + ",
      at("b", later, free), "*q", later - 1
    ),
    paste0(
      "q", later, " ~ ", at("c", later, free), "*p", later - 1, " + ",
      at("d", later, free), "*q", later - 1
    ),
    paste0("p", later, " ~~ ", at("u", later, free), "*p", later),
    paste0("q", later, " ~~ ", at("v", later, free), "*q", later),
    if (correlated) paste0("p", later, " ~~ ", at("r", later, free), "*q", later),
    "p1 ~~ p1", "q1 ~~ q1", "p1 ~~ q1",
    outer(traits, traits, function(a, b) paste(a, "~~", b))[upper.tri(diag(length(traits)), TRUE)],
    paste0("x", TIMES, " ~ 1"), paste0("y", TIMES, " ~ 1")
  )
}

dynamic <- function(predetermined, free_errors) {
  later <- TIMES[-1]
  given <- c("y1", paste0("x", 1:4), "once")
  errors <- if (predetermined) {
    c("y2 ~~ x3 + x4", "y3 ~~ x4")
  }
  lines(
    paste0("A =~ ", paste0("1*y", later, collapse = " + ")),
    paste0("y", later, " ~ f*y", later - 1, " + b*x", later - 1, " + g*once"),
    paste0("y", later, " ~~ ", at("e", later, free_errors), "*y", later),
    outer(given, given, function(a, b) paste(a, "~~", b))[upper.tri(diag(length(given)), TRUE)],
    paste("A ~~", c("A", setdiff(given, "once"))), "A ~~ 0*once",
    errors,
    paste0("y", TIMES, " ~ 1"), paste0("x", 1:4, " ~ 1"), "once ~ 1"
  )
}

fitted <- function(model, data, labels) {
  fit <- lavaan(model,
    data = data, missing = "fiml", information = "observed", fixed.x = FALSE,
    control = list(rel.tol = 1e-10, iter.max = 20000, eval.max = 20000)
  )
  found <- parameterEstimates(fit)
  found <- found[match(labels, found$label), ]
  indices <- fitMeasures(fit, c("chisq", "df", "logl", "unrestricted.logl", "rmsea", "cfi"))
  list(
    labels = labels, est = numbers(found$est), se = numbers(found$se),
    indices = as.list(signif(indices, DIGITS))
  )
}

paths <- commandArgs(trailingOnly = TRUE)
data <- wide(read.csv(paths[1]))
SAME <- c("a", "d", "b", "c")
FREE <- as.vector(outer(SAME, 2:5, paste0))
EFFECTS <- c("f", "b", "g")
fits <- list(
  R = R.version.string,
  versions = list(lavaan = packageDescription("lavaan", fields = "Version")),
  cross_lagged = fitted(cross_lagged(FALSE, TRUE, FALSE), data, SAME),
  cross_lagged_free = fitted(cross_lagged(TRUE, TRUE, FALSE), data, FREE),
  cross_lagged_uncorrelated = fitted(cross_lagged(FALSE, FALSE, FALSE), data, SAME),
  cross_lagged_slopes = fitted(cross_lagged(FALSE, TRUE, TRUE), data, SAME),
  dynamic = fitted(dynamic(TRUE, FALSE), data, EFFECTS),
  dynamic_exogenous = fitted(dynamic(FALSE, FALSE), data, EFFECTS),
  dynamic_free = fitted(dynamic(TRUE, TRUE), data, EFFECTS)
)
jsonlite::write_json(fits, paths[2], pretty = TRUE, auto_unbox = TRUE, digits = NA)
