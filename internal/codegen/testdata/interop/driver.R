# Calls generated functions, as driver.py does: Rscript driver.R DIRECTORY INPUT OUTPUT.
options(warn = 2)
arguments <- commandArgs(trailingOnly = TRUE)
input <- file(arguments[2], "r")
output <- file(arguments[3], "w")

argument <- function(line) {
  words <- strsplit(line, " ", fixed = TRUE)[[1]]
  numbers <- as.numeric(words[-1])
  entries <- numbers[-(1:2)]
  if (words[1] == "m") matrix(entries, numbers[1], numbers[2], byrow = TRUE) else entries
}

show <- function(result) {
  dims <- if (is.matrix(result)) dim(result) else c(length(result), 1)
  entries <- if (is.matrix(result)) t(result) else result
  cat(dims, formatC(as.numeric(entries), digits = 17, format = "g"), file = output)
  cat("\n", file = output)
}

while (length(line <- readLines(input, 1)) > 0) {
  words <- strsplit(line, " ", fixed = TRUE)[[1]]
  calls <- as.integer(words[4])
  count <- as.integer(words[5])
  lines <- matrix(readLines(input, calls * count), calls, count, byrow = TRUE)
  cat("case", words[2], "\n", file = output)
  tryCatch({
    scope <- new.env(parent = globalenv())
    sys.source(file.path(arguments[1], paste0(words[3], ".R")), envir = scope)
    for (call in seq_len(calls)) {
      results <- do.call(get(words[3], scope), lapply(unname(lines[call, ]), argument))
      if (!is.list(results)) results <- list(results)
      for (result in results) show(result)
    }
  }, error = function(e) cat("error", gsub("\n", " ", conditionMessage(e)), "\n", file = output))
}
close(output)
