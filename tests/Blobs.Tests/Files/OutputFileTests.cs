using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Tests.Files;

/// <summary>Only regular files are replaced; everything else is written directly.</summary>
[SupportedOSPlatform("linux")]
public sealed class OutputFileTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task A_new_file_appears_at_the_commit_and_not_before()
    {
        using var folder = new TemporaryFolder();
        await using (OutputFile file = await OutputFile.OpenAsync(folder["out"]))
        {
            file.Stream.Write("new"u8);
            Assert.False(File.Exists(folder["out"]));
            file.Commit();
        }

        Assert.Equal(["out 3"], folder.Listing());
    }

    [Fact]
    public async Task A_file_is_replaced_at_once_and_keeps_its_mode()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Write("out", "older and longer"), Private);
        await using (OutputFile file = await OutputFile.OpenAsync(folder["out"]))
        {
            file.Stream.Write("new"u8);
            Assert.Equal("older and longer", File.ReadAllText(folder["out"]));
            file.Commit();
        }

        Assert.Equal("new", File.ReadAllText(folder["out"]));
        Assert.Equal(Private, File.GetUnixFileMode(folder["out"]));
    }

    [Fact]
    public async Task A_failed_run_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out", "old");
        await using (OutputFile file = await OutputFile.OpenAsync(folder["out"]))
        {
            file.Stream.Write("half"u8);
        }

        Assert.Equal("old", File.ReadAllText(folder["out"]));
        Assert.Equal(["out 3"], folder.Listing());
    }

    [Fact]
    public async Task A_file_whose_name_is_as_long_as_names_can_be_is_replaced()
    {
        using var folder = new TemporaryFolder();
        string name = new('n', 255);
        await WriteAsync(folder[name], "new");
        Assert.Equal([$"{name} 3"], folder.Listing());
    }

    [Theory]
    [InlineData("link")]
    [InlineData("chain")]
    [InlineData("across")]
    public async Task A_link_is_followed_and_stays(string name)
    {
        using var folder = new TemporaryFolder();
        folder.Write("below/file", "old");
        folder.Write("elsewhere/other", "");
        File.CreateSymbolicLink(folder["link"], "below/file");
        File.CreateSymbolicLink(folder["chain"], folder["link"]);

        // Two dots count from where the link leads, not from what its text looks like.
        File.CreateSymbolicLink(folder["elsewhere/directory"], "../below");
        File.CreateSymbolicLink(folder["across"], "elsewhere/directory/../below/file");
        await WriteAsync(folder[name], "new");

        Assert.Equal("new", File.ReadAllText(folder["below/file"]));
        Assert.NotNull(new FileInfo(folder[name]).LinkTarget);
        Assert.Equal("old".Length, new FileInfo(folder["below/file"]).Length);
    }

    [Fact]
    public async Task A_dangling_link_gets_the_file_it_names()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["one"], "two");
        File.CreateSymbolicLink(folder["two"], "three");
        await WriteAsync(folder["one"], "new");
        Assert.Equal(["one", "three 3", "two"], folder.Listing());
        Assert.Equal("two", new FileInfo(folder["one"]).LinkTarget);
    }

    [Fact]
    public async Task Links_in_a_circle_are_an_error()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["one"], "two");
        File.CreateSymbolicLink(folder["two"], "one");
        SystemCallException fault = await Assert.ThrowsAsync<SystemCallException>(() => OutputFile.OpenAsync(folder["one"]));
        Assert.Equal(Errno.TooManySymlinks, fault.Errno);
    }

    [Fact]
    public async Task A_device_is_written_directly()
    {
        Root.Needed();
        using var folder = new TemporaryFolder();
        using (var directory = DirectoryHandle.Open(folder.Path))
        {
            // The machine's null device, under a name that may be lost.
            Assert.Equal(Errno.None, directory.MakeNode("null\0"u8, FileType.CharacterDevice | 0x1b6, 1, 3));
        }

        File.CreateSymbolicLink(folder["link"], "null");
        await WriteAsync(folder["null"], "new");
        await WriteAsync(folder["link"], "new");
        Assert.Equal(FileType.CharacterDevice, TypeOf(folder, "null\0"u8));
        Assert.Equal("null", new FileInfo(folder["link"]).LinkTarget);
    }

    [Fact]
    public async Task A_full_device_is_reported_under_its_own_name()
    {
        SystemCallException fault = await Assert.ThrowsAsync<SystemCallException>(() => WriteAsync("/dev/full", "new"));
        Assert.Equal("/dev/full: write: no space left on device", fault.Message);
    }

    [Fact]
    public async Task A_named_pipe_is_written_once_its_reader_opens_it()
    {
        using var folder = new TemporaryFolder();
        MakePipe(folder, "pipe\0"u8);
        Task<OutputFile> opening = OutputFile.OpenAsync(folder["pipe"]);
        await using FileStream reader = new(folder["pipe"], FileMode.Open, FileAccess.Read);
        await using (OutputFile file = await opening)
        {
            file.Stream.Write("new"u8);
            Assert.False(file.Stream.CanSeek);
            file.Commit();
        }

        Assert.Equal("new", await new StreamReader(reader).ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal(FileType.Fifo, TypeOf(folder, "pipe\0"u8));
    }

    [Fact]
    public async Task Waiting_for_a_pipes_reader_can_be_cancelled()
    {
        using var folder = new TemporaryFolder();
        MakePipe(folder, "pipe\0"u8);
        using var cancelled = new CancellationTokenSource();
        Task<OutputFile> opening = OutputFile.OpenAsync(folder["pipe"], cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);

        // A reader that comes later finds the end, not a pipe that somebody holds open.
        await using FileStream reader = new(folder["pipe"], FileMode.Open, FileAccess.Read);
        Assert.Equal(-1, reader.ReadByte());
    }

    [Theory]
    [InlineData("/dev/fd/{0}")]
    [InlineData("/proc/self/fd/{0}")]
    [InlineData("/proc/thread-self/fd/{0}")]
    public async Task A_descriptor_is_written_at_its_current_position(string form)
    {
        using var folder = new TemporaryFolder();
        using var directory = DirectoryHandle.Open(folder.Path);
        Assert.Equal(Errno.None, directory.TryCreateFile("out\0"u8, 0x180, out int handle));
        using var open = new SafeFileHandle(handle, ownsHandle: true);
        Assert.Equal(Errno.None, FileHandle.Write(handle, "before "u8));
        string name = string.Format(CultureInfo.InvariantCulture, form, handle);
        File.CreateSymbolicLink(folder["link"], name);
        await WriteAsync(name, "data ");
        await WriteAsync(folder["link"], "more ");
        Assert.Equal(Errno.None, FileHandle.Write(handle, "after"u8));
        Assert.Equal("before data more after", File.ReadAllText(folder["out"]));
        Assert.Equal(["link", "out 22"], folder.Listing());
    }

    [Fact]
    public async Task A_descriptor_that_is_not_open_for_writing_is_an_error()
    {
        using var folder = new TemporaryFolder();
        await using FileStream open = File.OpenRead(folder.Write("in", "old"));
        string name = $"/dev/fd/{open.SafeFileHandle.DangerousGetHandle()}";
        SystemCallException fault = await Assert.ThrowsAsync<SystemCallException>(() => OutputFile.OpenAsync(name));
        Assert.Equal($"{name}: is not open for writing", fault.Message);
        await Assert.ThrowsAsync<SystemCallException>(() => OutputFile.OpenAsync("/dev/fd/1000000"));
        Assert.Equal("old", File.ReadAllText(folder["in"]));
    }

    [Fact]
    public async Task Another_processs_open_file_is_written_directly()
    {
        using var folder = new TemporaryFolder();
        using Process other = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read line; cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await WriteAsync($"/proc/{other.Id}/fd/0", "first\nsecond\n");
        other.StandardInput.Close();
        Assert.Equal("second\n", await other.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("-", true)]
    [InlineData("/dev/stdout", true)]
    [InlineData("/dev/fd/1", true)]
    [InlineData("/proc/self/fd/1", true)]
    [InlineData("/dev/fd/2", false)]
    [InlineData("/dev/null", false)]
    [InlineData("./-", false)]
    [InlineData("/nosuch/-", false)]
    public void Standard_output_is_known_by_all_its_names(string name, bool expected) =>
        Assert.Equal(expected, OutputFile.IsStandardOutput(name));

    [Theory]
    [InlineData("directory")]
    [InlineData("directory/")]
    [InlineData("directory/.")]
    [InlineData("directory/..")]
    [InlineData("link")]
    public async Task A_directory_is_refused_as_an_output(string name)
    {
        using var folder = new TemporaryFolder();
        folder.Write("directory/file", "old");
        File.CreateSymbolicLink(folder["link"], "directory");
        SystemCallException fault = await Assert.ThrowsAsync<SystemCallException>(() => OutputFile.OpenAsync($"{folder.Path}/{name}"));
        Assert.Equal($"{folder.Path}/{name}: is a directory, expected a file", fault.Message);
        Assert.Equal(["directory", "link"], Directory.EnumerateFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal([folder["directory/file"]], Directory.EnumerateFiles(folder["directory"]));
    }

    [Theory]
    [InlineData("nosuch/out", "no such file or directory")]
    [InlineData("file/out", "not a directory")]
    public async Task A_missing_directory_is_reported_under_the_outputs_own_name(string name, string why)
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "");
        SystemCallException fault = await Assert.ThrowsAsync<SystemCallException>(() => OutputFile.OpenAsync(folder[name]));
        Assert.Equal($"{folder[name]}: its directory: {why}", fault.Message);
    }

    [Fact]
    public async Task A_mount_point_is_refused_before_the_work_begins()
    {
        Root.Needed();
        using var folder = new TemporaryFolder();
        folder.Write("out", "old");
        folder.Write("source", "mounted");
        MountOver(folder["source"], folder["out"]);
        try
        {
            StoreException fault = await Assert.ThrowsAsync<StoreException>(() => OutputFile.OpenAsync(folder["out"]));
            Assert.Contains("mount point", fault.Message, StringComparison.Ordinal);
            Assert.Equal("mounted", File.ReadAllText(folder["out"]));
        }
        finally
        {
            Assert.Equal(0, Run("umount", folder["out"]));
        }
    }

    [Fact]
    public async Task A_full_non_blocking_pipe_is_waited_for()
    {
        const int NonBlocking = 0x800;
        const int SetFlags = 4;
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        int handle = (int)pipe.SafePipeHandle.DangerousGetHandle();
        Assert.Equal(0, Syscalls.Control(handle, SetFlags, NonBlocking));
        byte[] data = Encoding.ASCII.GetBytes(new string('x', 4 << 20));
        Task writing = Task.Run(
            async () =>
            {
                await using OutputFile file = await OutputFile.OpenAsync($"/dev/fd/{handle}");
                file.Stream.Write(data);
                file.Commit();
            },
            TestContext.Current.CancellationToken);
        byte[] read = new byte[data.Length];
        reader.ReadExactly(read);
        await writing;
        Assert.Equal(data, read);
    }

    private static async Task WriteAsync(string name, string text)
    {
        await using OutputFile file = await OutputFile.OpenAsync(name);
        file.Stream.Write(Encoding.ASCII.GetBytes(text));
        file.Commit();
    }

    private static void MakePipe(TemporaryFolder folder, ReadOnlySpan<byte> nameZ)
    {
        using var directory = DirectoryHandle.Open(folder.Path);
        Assert.Equal(Errno.None, directory.MakeNode(nameZ, FileType.Fifo | 0x180, 0, 0));
    }

    private static uint TypeOf(TemporaryFolder folder, ReadOnlySpan<byte> nameZ)
    {
        using var directory = DirectoryHandle.Open(folder.Path);
        Assert.Equal(Errno.None, directory.TryGetStatus(nameZ, out FileStatus status));
        return status.Type;
    }

    private static void MountOver(string source, string target) => Assert.Equal(0, Run("mount", "--bind", source, target));

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
