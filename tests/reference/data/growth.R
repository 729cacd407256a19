# Growth models of the simulated person-sessions that the reference tests compare with.
#
#   Rscript growth.R person_sessions_11.csv growth_11.reference.json
#
# Needs lme4, lmerTest and jsonlite.

suppressPackageStartupMessages(library(lmerTest))

STATES <- c("intact", "unrepaired", "repaired")
DIGITS <- 11
# Every fifth patient goes on with the next therapist after this session.
CHANGED_AFTER <- 8

read_sessions <- function(path) {
  rows <- read.csv(path, stringsAsFactors = FALSE)
  rows$state <- factor(rows$state, levels = STATES)
  rows
}

with_changes <- function(rows) {
  therapists <- sort(unique(rows$therapist))
  number <- match(rows$therapist, therapists)
  patient <- as.integer(sub("P", "", rows$patient))
  goes <- patient %% 5 == 0 & rows$session > CHANGED_AFTER
  number[goes] <- number[goes] %% length(therapists) + 1
  rows$therapist <- therapists[number]
  rows
}

numbers <- function(x) signif(as.vector(x), DIGITS)

effects_of <- function(fit, grouping, label) {
  found <- as.data.frame(ranef(fit, condVar = TRUE))
  found <- found[found$grpvar == grouping & found$grp == label, ]
  list(mean = numbers(found$condval), sd = numbers(found$condsd))
}

growth <- function(rows, formula, reml) {
  fit <- lmer(formula,
    data = rows, REML = reml,
    control = lmerControl("bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
  )
  fixed <- summary(fit)$coefficients
  random <- as.data.frame(VarCorr(fit))
  state <- anova(fit)["state", ]
  list(
    model = paste("lmer", deparse1(formula), if (reml) "REML" else "ML"),
    names = rownames(fixed),
    est = numbers(fixed[, "Estimate"]),
    se = numbers(fixed[, "Std. Error"]),
    df = numbers(fixed[, "df"]),
    random = list(grp = random$grp, var1 = random$var1, var2 = random$var2, size = numbers(random$sdcor)),
    logLik = round(as.numeric(logLik(fit)), 10),
    state = list(F = numbers(state[["F value"]]), df = numbers(state$DenDF)),
    singular = isSingular(fit),
    patient = effects_of(fit, "patient", "P00007"),
    therapist = effects_of(fit, "therapist", "T003")
  )
}

FIXED <- "symptom ~ session + state + severity"
MODELS <- c(
  intercepts = "(1 | patient)",
  patients = "(1 + session | patient)",
  nested = "(1 + session | patient) + (1 | therapist)",
  slopes = "(1 + session | patient) + (1 + session | therapist)"
)

paths <- commandArgs(trailingOnly = TRUE)
rows <- read_sessions(paths[1])
both <- function(random, data) {
  formula <- as.formula(paste(FIXED, "+", random))
  list(reml = growth(data, formula, TRUE), ml = growth(data, formula, FALSE))
}
fits <- lapply(MODELS, both, data = rows)
fits$changed <- both(MODELS[["nested"]], with_changes(rows))
fits$changed_slopes <- both(MODELS[["slopes"]], with_changes(rows))
packages <- sapply(c("lme4", "lmerTest"), packageDescription, fields = "Version")
fits <- c(list(data = basename(paths[1]), R = R.version.string, versions = as.list(packages)), fits)
jsonlite::write_json(fits, paths[2], pretty = TRUE, auto_unbox = TRUE, digits = NA)
