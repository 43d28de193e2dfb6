using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Verification;

namespace Blobs.Containerd;

/// <summary>Collects what a verification finds. Safe for concurrent use.</summary>
internal sealed class VerificationFindings(IProgress<long>? progress)
{
    private readonly Lock _lock = new();
    private readonly List<VerifyFinding> _findings = [];
    private readonly List<VerifyFailure> _failures = [];
    private readonly List<UnreadPath> _unread = [];
    private long _files;
    private long _bytes;

    /// <summary>Notes something that is wrong.</summary>
    public void Find(string what, string problem)
    {
        lock (_lock)
        {
            _findings.Add(new VerifyFinding(what, problem));
        }
    }

    /// <summary>Notes something that was not verified.</summary>
    public void Leave(string what, string why)
    {
        lock (_lock)
        {
            _unread.Add(new UnreadPath(what, why));
        }
    }

    /// <summary>Reads something, and notes what is wrong with it, or why it could not be read.</summary>
    /// <returns>Whether it was read and is right.</returns>
    public async Task<bool> TryAsync(string what, Func<Task<long>> read)
    {
        try
        {
            long bytes = await read().ConfigureAwait(false);
            lock (_lock)
            {
                _files++;
                _bytes += bytes;
            }

            progress?.Report(bytes);
            return true;
        }
        catch (NotFoundException)
        {
            Find(what, "is missing");
        }
        catch (BlobsException fault) when (fault is MalformedDataException or DigestMismatchException or LimitExceededException)
        {
            Find(what, fault.Message);
        }
        catch (BlobsException fault)
        {
            lock (_lock)
            {
                _failures.Add(new VerifyFailure(what, fault.Message));
            }
        }

        return false;
    }

    /// <summary>The report.</summary>
    public VerifyReport End() => new()
    {
        Files = _files,
        Bytes = _bytes,
        Resumed = 0,
        Findings = [.. _findings.OrderBy(one => one.Path, StringComparer.Ordinal)],
        Failures = [.. _failures.OrderBy(one => one.Path, StringComparer.Ordinal)],
        Unread = [.. _unread.OrderBy(one => one.Path, StringComparer.Ordinal)],
    };
}
