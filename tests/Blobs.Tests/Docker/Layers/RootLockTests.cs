using System.Diagnostics;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Who may work on a root. The other side is flock(1), which takes the same locks.</summary>
public sealed class RootLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Root => _folder["root"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_root_that_nothing_came_into_is_taken_back()
    {
        using (await RootLock.WriteAsync(Root))
        {
            Assert.True(Directory.Exists(Root));
        }

        Assert.False(Directory.Exists(Root));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/root")]
    public async Task A_root_whose_place_is_a_file_is_refused_by_what_it_is(string root)
    {
        string file = _folder.Write("file", "");
        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => RootLock.WriteAsync(_folder[root]));
        Assert.Equal((file, $"{file}: is a file, expected a directory"), (fault.Path, fault.Message));
    }

    [Fact]
    public async Task A_lock_leaves_nothing_in_the_root()
    {
        Directory.CreateDirectory(Root);
        using (await RootLock.WriteAsync(Root))
        {
            Assert.Empty(Directory.GetFileSystemEntries(Root));
        }

        Assert.Empty(Directory.GetFileSystemEntries(Root));
    }

    [Fact]
    public async Task One_process_may_take_it_as_often_as_it_likes()
    {
        using RootLock first = await RootLock.WriteAsync(Root, TimeSpan.Zero);
        using RootLock second = await RootLock.WriteAsync(Root, TimeSpan.Zero);
        using RootLock third = await RootLock.ReadAsync(Root, TimeSpan.Zero);
        Directory.CreateSymbolicLink(_folder["link"], Root);
        using RootLock throughLink = await RootLock.WriteAsync(_folder["link"], TimeSpan.Zero);
    }

    [Fact]
    public async Task Another_writer_is_named_in_one_line()
    {
        Directory.CreateDirectory(Root);
        using Process other = Flock("--exclusive", Root);
        RootBusyException busy = await Assert.ThrowsAsync<RootBusyException>(() => RootLock.WriteAsync(Root, TimeSpan.Zero));
        Assert.Equal(($"{Root}", other.Id, false), (busy.Path, busy.ProcessId, busy.IsDaemon));
        Assert.Matches($"^{Root}: another program writes to it \\(\\w+, pid {other.Id}\\)$", busy.Message);
        End(other);
        using RootLock taken = await RootLock.WriteAsync(Root, TimeSpan.Zero);
    }

    [Fact]
    public async Task A_writer_waits_for_the_other_one_to_end()
    {
        Directory.CreateDirectory(Root);
        using Process other = Flock("--exclusive", Root);
        Task<RootLock> waiting = RootLock.WriteAsync(Root);
        Assert.False(waiting.IsCompleted);
        End(other);
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        Directory.CreateDirectory(Root);
        using Process other = Flock("--exclusive", Root);
        using var cancellation = new CancellationTokenSource();
        Task<RootLock> waiting = RootLock.WriteAsync(Root, wait: null, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        End(other);
    }

    [Fact]
    public async Task Readers_and_a_writer_do_not_disturb_each_other()
    {
        Directory.CreateDirectory(Path.Combine(Root, "image"));
        using Process writer = Flock("--exclusive", Root);
        using Process reader = Flock("--shared", Path.Combine(Root, "image"));
        using RootLock reading = await RootLock.ReadAsync(Root, TimeSpan.Zero);
        End(writer);
        using RootLock writing = await RootLock.WriteAsync(Root, TimeSpan.Zero);
        End(reader);
    }

    [Fact]
    public async Task Who_removes_is_alone()
    {
        Directory.CreateDirectory(Path.Combine(Root, "image"));
        using RootLock writing = await RootLock.WriteAsync(Root, TimeSpan.Zero);
        using (Process reader = Flock("--shared", Path.Combine(Root, "image")))
        {
            await Assert.ThrowsAsync<RootBusyException>(() => writing.ExcludeReadersAsync(TimeSpan.Zero, default));
            End(reader);
        }

        using (await writing.ExcludeReadersAsync(TimeSpan.Zero, default))
        {
            await Assert.ThrowsAsync<RootBusyException>(() => RootLock.ReadAsync(Root, TimeSpan.Zero));
        }

        using RootLock reading = await RootLock.ReadAsync(Root, TimeSpan.Zero);
    }

    [Theory]
    [InlineData("volumes/metadata.db")]
    [InlineData("containerd/daemon/io.containerd.metadata.v1.bolt/meta.db")]
    public async Task A_daemon_is_known_by_its_databases_and_nobody_waits_for_it(string database)
    {
        string file = _folder.Write($"root/{database}", "");
        Directory.CreateDirectory(Path.Combine(Root, "image", "overlay2"));
        using Process daemon = Flock("--exclusive", file);
        RootBusyException busy = await Assert.ThrowsAsync<RootBusyException>(() => RootLock.WriteAsync(Root));
        Assert.True(busy.IsDaemon);
        Assert.Contains($"pid {daemon.Id}", busy.Message, StringComparison.Ordinal);
        (await RootLock.ReadAsync(Root, TimeSpan.Zero)).Dispose();
        End(daemon);
        using RootLock writing = await RootLock.WriteAsync(Root, TimeSpan.Zero);

        // What a daemon would now ask for at its start is refused to it.
        Assert.Equal(Errno.Again, FileLock.TryTake(file, isExclusive: true, out _));
    }

    private static Process Flock(string mode, string path)
    {
        // It locks, and becomes the program that says so and then waits for its input to end.
        var flock = Process.Start(new ProcessStartInfo("flock", [mode, "--no-fork", path, "sh", "-c", "echo locked; exec cat"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        Assert.Equal("locked", flock.StandardOutput.ReadLine());
        return flock;
    }

    private static void End(Process process)
    {
        process.StandardInput.Close();
        process.WaitForExit();
    }
}
