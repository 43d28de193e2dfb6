using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Verification.Internal;

/// <summary>The state that all parts of a verification share: findings, counts, the state file, and the scheduled
/// work.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class VerifyRun(string root, VerifyOptions options, CancellationToken cancellationToken)
{
    private const int BufferBytes = 256 << 10;

    private readonly ConcurrentBag<VerifyFinding> _findings = [];
    private readonly ConcurrentBag<VerifyFailure> _failures = [];
    private readonly ConcurrentBag<UnreadPath> _unread = [];
    private readonly List<(long Bytes, Action Work)> _work = [];
    private readonly VerifyState? _state = options.StateFile is { } file ? VerifyState.Open(file, root) : null;
    private long _files;
    private long _bytes;
    private int _resumed;

    public Limits Limits => options.Limits;

    public CancellationToken CancellationToken => cancellationToken;

    public void Find(string path, string problem, long? offset = null) =>
        _findings.Add(new VerifyFinding(Relative(path), problem, offset));

    /// <summary>Records that something could not be read, so that it may be right or wrong.</summary>
    public void Fail(string path, string why) => _failures.Add(new VerifyFailure(Relative(path), why));

    /// <summary>Records an exception as a finding, or as something that could not be read.</summary>
    public void Note(string path, Exception fault, long? offset = null)
    {
        if (Errno.IsTrouble(fault) || fault is LimitExceededException)
        {
            Fail(path, fault.Message);
        }
        else
        {
            Find(path, fault.Message, offset);
        }
    }

    /// <summary>Does a part of the work; records the exception if it fails.</summary>
    /// <returns>False when it failed.</returns>
    public bool Try(string path, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception fault) when (IsStoreError(fault))
        {
            Note(path, fault);
            return false;
        }
    }

    /// <summary>Directories in a directory; none when it does not exist; null when it cannot be read, which is
    /// recorded.</summary>
    public string[]? TryListDirectories(string path) => TryList(path, static folder => DirectoryList.Directories(folder));

    /// <summary>Files in a directory; none when it does not exist; null when it cannot be read, which is
    /// recorded.</summary>
    public string[]? TryListFiles(string path) => TryList(path, static folder => DirectoryList.Files(folder));

    /// <summary>Every file below a directory, at any depth; directories that cannot be read are recorded.</summary>
    public IEnumerable<string> FilesBelow(string path)
    {
        var folders = new Stack<string>([path]);
        while (folders.TryPop(out string? folder))
        {
            foreach (string file in TryListFiles(folder) ?? [])
            {
                yield return file;
            }

            foreach (string child in TryListDirectories(folder) ?? [])
            {
                folders.Push(child);
            }
        }
    }

    public void LeaveUnread(string path, string why) => _unread.Add(new UnreadPath(Relative(path), why));

    public void CountFiles(long count) => Interlocked.Add(ref _files, count);

    public void CountBytes(long bytes)
    {
        long all = Interlocked.Add(ref _bytes, bytes);
        options.Progress?.Report(all);
    }

    /// <summary>Schedules a check for <see cref="DoWork"/>, unless an earlier run has found it right.</summary>
    /// <param name="name">Its name in the state file, which changes when the thing checked changes.</param>
    /// <param name="path">The path to report if the check cannot be done.</param>
    /// <param name="parts">Parts that can run in parallel; each returns true when nothing is wrong. The bytes estimate
    /// the work: the largest parts run first, so that no long one is left for the end.</param>
    public void Later(string name, string path, params (long Bytes, Func<bool> IsRight)[] parts)
    {
        if (_state?.Has(name) == true)
        {
            _resumed++;
            return;
        }

        int left = parts.Length;
        foreach ((long bytes, Func<bool> isRight) in parts)
        {
            _work.Add((bytes, () =>
            {
                if (IsRight(path, isRight) && Interlocked.Decrement(ref left) == 0)
                {
                    _state?.Add(name);
                }
            }
            ));
        }
    }

    /// <summary>Whether an earlier run has found something right, by its name in the state file; it is then counted.</summary>
    public bool Knows(string name)
    {
        bool isKnown = _state?.Has(name) == true;
        _resumed += isKnown ? 1 : 0;
        return isKnown;
    }

    /// <summary>Records in the state file that something is right.</summary>
    public void Remember(string name) => _state?.Add(name);

    /// <summary>Does the scheduled work.</summary>
    public void DoWork()
    {
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Jobs ?? Environment.ProcessorCount,
            CancellationToken = cancellationToken,
        };
        try
        {
            Parallel.ForEach(
                Partitioner.Create(_work.OrderByDescending(item => item.Bytes), EnumerablePartitionerOptions.NoBuffering),
                parallel,
                item => item.Work());
        }
        catch (AggregateException faults) when (faults.InnerExceptions[0] is BlobsException fault)
        {
            // Errors of the store are recorded where they occur; this one is of the state file.
            ExceptionDispatchInfo.Throw(fault);
        }

        _work.Clear();
    }

    public VerifyReport End()
    {
        _state?.Dispose();
        return new VerifyReport
        {
            Files = _files,
            Bytes = _bytes,
            Resumed = _resumed,
            Findings =
            [
                .. _findings.OrderBy(finding => finding.Path, StringComparer.Ordinal)
                    .ThenBy(finding => finding.Problem, StringComparer.Ordinal),
            ],
            Failures =
            [
                .. _failures.Distinct().OrderBy(failure => failure.Path, StringComparer.Ordinal)
                    .ThenBy(failure => failure.Why, StringComparer.Ordinal),
            ],
            Unread = [.. _unread.Distinct().OrderBy(unread => unread.Path, StringComparer.Ordinal)],
        };
    }

    /// <summary>Reads a small file; null when it does not exist, is too long or cannot be read, which is
    /// recorded.</summary>
    public byte[]? Read(string path, int bytesMax)
    {
        try
        {
            byte[] content = SmallFile.ReadBytes(path, bytesMax);
            CountFiles(1);
            CountBytes(content.Length);
            return content;
        }
        catch (Exception fault) when (IsStoreError(fault))
        {
            Note(path, fault);
            return null;
        }
    }

    /// <summary>Reads a file of one line without a newline; null when it is something else, which is
    /// recorded.</summary>
    public string? ReadLine(string path)
    {
        const int LineBytesMax = 4096;
        if (Read(path, LineBytesMax) is not { } bytes)
        {
            return null;
        }

        string text = System.Text.Encoding.Latin1.GetString(bytes);
        if (text.Length > 0 && text.All(letter => letter is > ' ' and <= '~'))
        {
            return text;
        }

        Find(path, $"is not one line of text: {Printable.Quote(bytes)}");
        return null;
    }

    /// <summary>The digest of a whole file; null when it does not exist or cannot be read, which is recorded.</summary>
    public Digest? Hash(string path, DigestAlgorithm algorithm)
    {
        try
        {
            using FileStream file = FileHandle.OpenRead(path);
            using var hash = IncrementalHash.CreateHash(
                algorithm == DigestAlgorithm.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512);
            byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
            for (int read = file.Read(buffer); read > 0; read = file.Read(buffer))
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                CountBytes(read);
            }

            CountFiles(1);
            return Digest.FromHash(algorithm, hash.GetHashAndReset());
        }
        catch (Exception fault) when (IsStoreError(fault))
        {
            Note(path, fault);
            return null;
        }
    }

    private bool IsRight(string path, Func<bool> isRight)
    {
        try
        {
            return isRight();
        }
        catch (Exception fault) when (IsStoreError(fault))
        {
            Note(path, fault);
            return false;
        }
    }

    private string[]? TryList(string path, Func<string, string[]> list)
    {
        try
        {
            return FilePath.IsDirectory(path) ? list(path) : [];
        }
        catch (Exception fault) when (IsStoreError(fault))
        {
            Note(path, fault);
            return null;
        }
    }

    private static bool IsStoreError(Exception fault) => fault is BlobsException or IOException or UnauthorizedAccessException;

    private string Relative(string path) => Path.GetRelativePath(root, path);
}
