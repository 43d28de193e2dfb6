using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;
using Blobs.Bench;

if (args is ["--verify"])
{
    return Verification.Run() ? 0 : 1;
}

if (args is ["--pairs", string label, .. string[] names])
{
    Pairs.Run(label, names);
    return 0;
}

IConfig config = DefaultConfig.Instance
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumn(new RateColumn(), new CheckColumn())
    .HideColumns(Column.Error, Column.StdDev, Column.RatioSD, Column.Gen0, Column.Gen1, Column.Gen2, Column.AllocRatio);
BenchmarkSwitcher.FromAssembly(typeof(Corpus).Assembly).Run(args, config);
return 0;
