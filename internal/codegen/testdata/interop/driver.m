% Calls generated functions, as driver.py does: octave driver.m DIRECTORY INPUT OUTPUT.
warning('error', 'Octave:possible-matlab-short-circuit-operator');
arguments = argv();
addpath(arguments{1});
input = fopen(arguments{2});
output = fopen(arguments{3}, 'w');
while ischar(line = fgetl(input))
  words = strsplit(strtrim(line), ' ');
  calls = str2double(words{4});
  count = str2double(words{5});
  outputs = str2double(words{7});
  lines = cell(calls, count);
  for c = 1:calls
    for a = 1:count
      lines{c, a} = fgetl(input);
    end
  end
  fprintf(output, 'case %s\n', words{2});
  try
    for c = 1:calls
      values = cell(1, count);
      for a = 1:count
        numbers = sscanf(lines{c, a}(2:end), '%f');
        values{a} = reshape(numbers(3:end), numbers(2), numbers(1)).';
      end
      results = cell(1, outputs);
      [results{:}] = feval(words{3}, values{:});
      for r = 1:outputs
        fprintf(output, '%d %d', size(results{r}));
        fprintf(output, ' %.17g', full(results{r}).');
        fprintf(output, '\n');
      end
    end
  catch e
    fprintf(output, 'error %s\n', strrep(e.message, "\n", ' '));
  end
end
