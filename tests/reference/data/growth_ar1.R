# Growth models with autocorrelated residuals, of simulated person-sessions with gaps.
#
#   Rscript growth_ar1.R growth_ar1.reference.json
#
# Needs nlme and jsonlite. Every fifth session of every third patient is left out.

suppressPackageStartupMessages(library(nlme))

DIGITS <- 11

numbers <- function(x) signif(as.vector(x), DIGITS)

with_gaps <- function(study) {
  rows <- read.csv(sprintf("person_sessions_%d.csv", study))
  rows$state <- factor(rows$state, levels = c("intact", "unrepaired", "repaired"))
  patient <- as.integer(sub("P", "", rows$patient))
  rows[!(rows$session %% 5 == 0 & patient %% 3 == 0), ]
}

# corAR1 does not start in study 11; corCAR1 is the same where the correlation is positive.
growth <- function(study, method) {
  form <- ~ session | therapist / patient
  fit <- lme(symptom ~ session + state + severity,
    random = list(therapist = ~1, patient = ~session), data = with_gaps(study), method = method,
    correlation = if (study == 11) corCAR1(form = form) else corAR1(form = form),
    control = lmeControl(
      opt = "optim", tolerance = 1e-12, msTol = 1e-12, msMaxIter = 500, maxIter = 200
    )
  )
  # nlme multiplies the errors of maximum likelihood by the root of n / (n - p).
  found <- summary(fit, adjustSigma = FALSE)$tTable
  list(
    names = rownames(found), est = numbers(found[, "Value"]), se = numbers(found[, "Std.Error"]),
    rho = numbers(coef(fit$modelStruct$corStruct, unconstrained = FALSE)),
    sigma = numbers(fit$sigma), logLik = round(as.numeric(logLik(fit)), 9)
  )
}

both <- function(study) list(reml = growth(study, "REML"), ml = growth(study, "ML"))
fits <- list(
  R = R.version.string,
  versions = list(nlme = packageDescription("nlme", fields = "Version")),
  `11` = both(11), `12` = both(12)
)
jsonlite::write_json(fits, commandArgs(trailingOnly = TRUE)[1],
  pretty = TRUE, auto_unbox = TRUE, digits = NA
)
