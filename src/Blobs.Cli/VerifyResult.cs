using System.Globalization;
using System.Text.Json.Serialization;
using Blobs.Verification;

namespace Blobs.Cli;

/// <summary>What <c>verify</c> prints.</summary>
internal sealed record VerifyResult
{
    public required bool IsRight { get; init; }

    public required long Files { get; init; }

    public required long Bytes { get; init; }

    public required int Resumed { get; init; }

    public required IReadOnlyList<VerifyFinding> Findings { get; init; }

    public required IReadOnlyList<VerifyFailure> Failures { get; init; }

    public required IReadOnlyList<UnreadPath> Unread { get; init; }

    public required double Seconds { get; init; }

    public required double MegabytesPerSecond { get; init; }

    public static VerifyResult From(VerifyReport report, TimeSpan time) => new()
    {
        IsRight = report.Findings.Count + report.Failures.Count == 0,
        Files = report.Files,
        Bytes = report.Bytes,
        Resumed = report.Resumed,
        Findings = report.Findings,
        Failures = report.Failures,
        Unread = report.Unread,
        Seconds = Math.Round(time.TotalSeconds, 3),
        MegabytesPerSecond = Math.Round(Cli.Bytes.MegabytesPerSecond(report.Bytes, time), 1),
    };

    public void WriteText(TextWriter output, bool isQuiet)
    {
        foreach (VerifyFinding finding in Findings)
        {
            string offset = finding.Offset is { } at ? string.Create(CultureInfo.InvariantCulture, $" (offset {at})") : "";
            output.WriteLine($"wrong       {finding.Path}: {finding.Problem}{offset}");
        }

        foreach (VerifyFailure failure in Failures)
        {
            output.WriteLine($"unreadable  {failure.Path}: {failure.Why}");
        }

        foreach (UnreadPath unread in isQuiet ? [] : Unread)
        {
            output.WriteLine($"unchecked   {unread.Path}: {unread.Why}");
        }

        string resumed = Resumed > 0 ? $", {Resumed} layers and blobs skipped by the state file" : "";
        string unreadable = Failures.Count > 0 ? $", {Failures.Count} could not be read" : "";
        string verdict = IsRight ? "no problems found" : $"{Findings.Count} wrong{unreadable}";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Files:N0} files, {Cli.Bytes.Show(Bytes)} in {Seconds:f2} s, {MegabytesPerSecond:f0} MB/s{resumed}: {verdict}"));
    }
}

/// <summary>Source-generated JSON serialiser.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VerifyResult))]
internal sealed partial class VerifyJson : JsonSerializerContext;
