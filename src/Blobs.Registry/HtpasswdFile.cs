using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Blobs.Errors;

namespace Blobs.Registry;

/// <summary>
/// Users and their bcrypt hashes, as <c>htpasswd -B</c> writes them; reloaded when the file changes. Checking a hash
/// takes a tenth of a second by design, so a correct password is remembered (as an HMAC under a key of this process)
/// until its line changes.
/// </summary>
internal sealed class HtpasswdFile : IDisposable
{
    private const int BytesMax = 4 << 20;
    private const int RememberedMax = 4096;

    // The file is checked for changes at most this often.
    private const long LookIntervalMs = 1000;

    // Hash to check for an unknown user, so that the time does not tell which users exist.
    private const string UnknownUserHash = "$2y$10$abcdefghijklmnopqrstuuA5Q2mBkqPuOSnfLmNfbv7bEMPmBdcTC";

    private readonly string _path;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _lock = new();
    private readonly HashSet<string> _remembered = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _checks = new(Math.Max(1, Environment.ProcessorCount / 2));
    private FrozenDictionary<string, string> _users;
    private (DateTime Modified, long Length) _seen;
    private long _lookedAt = Environment.TickCount64;

    /// <exception cref="StoreException">The file cannot be read, or a line is not <c>USER:BCRYPT</c>.</exception>
    public HtpasswdFile(string path)
    {
        _path = path;
        _seen = Look();
        _users = Read(path);
    }

    public async ValueTask<bool> CheckAsync(string user, string password, CancellationToken cancellationToken)
    {
        ReadAgainWhenChanged();
        bool isKnown = _users.TryGetValue(user, out string? hash);
        string proof = Proof(user, hash, password);
        lock (_lock)
        {
            if (isKnown && _remembered.Contains(proof))
            {
                return true;
            }
        }

        // Guessing passwords must not use up all processors.
        await _checks.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!Matches(password, hash ?? UnknownUserHash) || !isKnown)
            {
                return false;
            }
        }
        finally
        {
            _checks.Release();
        }

        Remember(proof);
        return true;
    }

    public void Dispose() => _checks.Dispose();

    private static bool Matches(string password, string hash)
    {
        try
        {
            return BCrypt.Net.BCrypt.Verify(password, hash);
        }
        catch (Exception fault)
            when (fault is BCrypt.Net.SaltParseException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            // A malformed hash matches no password.
            return false;
        }
    }

    private static FrozenDictionary<string, string> Read(string path)
    {
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] lines = ReadLines(path);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !line.AsSpan(colon + 1).StartsWith("$2"))
            {
                throw new StoreException(path, $"{path}: line {i + 1} is not USER:BCRYPT, as `htpasswd -B` writes it");
            }

            users[line[..colon]] = line[(colon + 1)..];
        }

        return users.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return new FileInfo(path).Length <= BytesMax
                ? File.ReadAllLines(path)
                : throw new StoreException(path, $"{path}: is longer than {BytesMax} bytes");
        }
        catch (Exception missing) when (missing is (FileNotFoundException or DirectoryNotFoundException) && !Directory.Exists(path))
        {
            throw new StoreException(path, $"{path}: there is no such file; `htpasswd -B` makes one", missing);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(path, $"{path}: cannot be read: {Why(path, fault)}", fault);
        }
    }

    private static string Why(string path, Exception fault) => fault switch
    {
        _ when Directory.Exists(path) => "it is a directory",
        IOException => Marshal.GetPInvokeErrorMessage(fault.HResult).ToLowerInvariant(),
        _ => "permission denied",
    };

    private string Proof(string user, string? hash, string password)
    {
        string text = $"{user}\0{hash}\0{password}";
        return Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
    }

    private void Remember(string proof)
    {
        lock (_lock)
        {
            if (_remembered.Count >= RememberedMax)
            {
                _remembered.Clear();
            }

            _remembered.Add(proof);
        }
    }

    private (DateTime Modified, long Length) Look()
    {
        var file = new FileInfo(_path);
        return (file.LastWriteTimeUtc, file.Exists ? file.Length : -1);
    }

    private void ReadAgainWhenChanged()
    {
        long now = Environment.TickCount64;
        if (now - Interlocked.Read(ref _lookedAt) < LookIntervalMs)
        {
            return;
        }

        Interlocked.Exchange(ref _lookedAt, now);
        lock (_lock)
        {
            (DateTime Modified, long Length) seen = Look();
            if (seen == _seen)
            {
                return;
            }

            try
            {
                _users = Read(_path);
                _seen = seen;
            }
            catch (StoreException)
            {
                // Half written, or being replaced: keep the old users, and try again later.
            }
        }
    }
}
