using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry;

/// <summary>The metrics of a registry, for any exporter of the host: <c>AddMeter(RegistryMetrics.MeterName)</c>.</summary>
public sealed class RegistryMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Blobs.Registry";

    // In seconds: a manifest takes less than a millisecond, a large blob over a slow line minutes. The default bounds of
    // exporters are meant for milliseconds.
    private static readonly InstrumentAdvice<double> Bounds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    private static readonly string[] Kinds =
        [.. Enum.GetNames<RouteKind>().Select(name => name.ToLowerInvariant())];

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly UpDownCounter<long> _uploads;

    /// <param name="factory">Makes the meter.</param>
    public RegistryMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _meter = factory.Create(MeterName);
        _duration = _meter.CreateHistogram(
            "blobs.registry.request.duration", "s", "Time to answer a request of the API.", tags: null, Bounds);
        _received = _meter.CreateCounter<long>("blobs.registry.blob.received", "By", "Bytes of blobs that were pushed.");
        _sent = _meter.CreateCounter<long>("blobs.registry.blob.sent", "By", "Bytes of blobs that were pulled.");
        _uploads = _meter.CreateUpDownCounter<long>("blobs.registry.uploads.active", "{upload}", "Requests that are uploading a blob.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Answered(RouteKind kind, string method, int status, long started)
    {
        if (_duration.Enabled)
        {
            _duration.Record(
                Stopwatch.GetElapsedTime(started).TotalSeconds,
                new("endpoint", Kinds[(int)kind]),
                new("method", KnownMethod(method)),
                new("status", status));
        }
    }

    internal void Received(long bytes) => _received.Add(bytes);

    internal void Sent(long bytes) => _sent.Add(bytes);

    internal Upload UploadBegins()
    {
        _uploads.Add(1);
        return new Upload(this);
    }

    // Methods invented by clients must not create new series.
    private static string KnownMethod(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsPut(method) || HttpMethods.IsPost(method)
            || HttpMethods.IsPatch(method) || HttpMethods.IsDelete(method)
                ? method
                : "other";

    internal readonly struct Upload(RegistryMetrics metrics) : IDisposable
    {
        public void Dispose() => metrics._uploads.Add(-1);
    }
}
