namespace Blobs.Tests.Distribution.Client;

/// <summary>A clock on which every wait ends at once. It records how long each wait should have been.</summary>
internal sealed class QuickTime : TimeProvider
{
    private DateTimeOffset _now = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow() => _now;

    public void Pass(TimeSpan time) => _now += time;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Add(dueTime);
        Pass(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
