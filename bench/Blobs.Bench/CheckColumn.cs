using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Blobs.Bench;

/// <summary>A column with the method's return value: rows with the same value did the same work.</summary>
internal sealed class CheckColumn : IColumn
{
    public string Id => nameof(CheckColumn);

    public string ColumnName => "Check";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 1;

    public bool IsNumeric => false;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "What the method found out: digest, checksum or count";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        Claims.Check(Claims.Make(benchmarkCase.Descriptor.Type), benchmarkCase.Descriptor.WorkloadMethod);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
