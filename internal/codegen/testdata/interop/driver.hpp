// Calls generated functions, as driver.py does. A file of cases includes this one, then the functions, then has a main
// with a call of run for each of them.
#include <Eigen/Dense>
#include <unsupported/Eigen/KroneckerProduct>
#include <unsupported/Eigen/MatrixFunctions>

#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

inline void read(double& x) {
  std::string kind;
  long rows, cols;
  std::cin >> kind >> rows >> cols >> x;
}

inline void read(Eigen::Index& n) {
  std::string kind;
  long rows, cols;
  std::cin >> kind >> rows >> cols >> n;
}

template <class Matrix>
void read(Matrix& a) {
  std::string kind;
  long rows, cols;
  std::cin >> kind >> rows >> cols;
  a.resize(rows, cols);
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < cols; j++) std::cin >> a(i, j);
}

inline void show(double x) { std::printf("1 1 %.17g\n", x); }

inline void show(const Eigen::MatrixXd& a) {
  std::printf("%ld %ld", static_cast<long>(a.rows()), static_cast<long>(a.cols()));
  for (long i = 0; i < a.rows(); i++)
    for (long j = 0; j < a.cols(); j++) std::printf(" %.17g", a(i, j));
  std::printf("\n");
}

// run reads a case and calls f, which takes what read filled and shows its results, as often as the case says.
template <class F>
void run(F f) {
  std::string word, index;
  int calls;
  std::cin >> word >> index >> word >> calls >> word >> word >> word;
  std::printf("case %s\n", index.c_str());
  bool failed = false;
  for (int i = 0; i < calls; i++) {
    try {
      f(failed);
    } catch (const std::exception& e) {
      if (!failed) std::printf("error %s\n", e.what());
      failed = true;
    }
  }
}
