// Every test here starts processes of its own: two at a time keep a small machine busy, more only make it slow.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]
