using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Files;

/// <summary>Errors of files and directories are the library's own exceptions, and show the final name.</summary>
public sealed class FileErrorsTests : IDisposable
{
    private const int NameTooLong = 36;
    private const int NotFound = 2;
    private const int NotDirectory = 20;

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_temporary_file_that_cannot_be_created_is_reported_under_its_final_name()
    {
        // The name has room in a directory, and the one that it has until it is whole has not.
        string path = _folder[new string('x', 250)];
        foreach (Action write in Writers(path))
        {
            SystemCallException fault = Assert.Throws<SystemCallException>(write);
            Assert.Equal((NameTooLong, path), (fault.Errno, fault.Path));
            Assert.StartsWith($"{path}: open: ", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_cannot_be_renamed_is_reported_under_its_final_name_and_removed()
    {
        _folder.Write("place/inside", "");
        string path = _folder["place"];
        foreach (Action write in Writers(path))
        {
            SystemCallException fault = Assert.Throws<SystemCallException>(write);
            Assert.StartsWith($"{path}: rename: ", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["place"], Directory.GetFileSystemEntries(_folder["."]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_small_file_that_exists_already_is_a_SystemCallException()
    {
        _folder.Write("file", "");
        SystemCallException fault = Assert.Throws<SystemCallException>(() => SmallFile.Create(_folder["file"], "x"));
        Assert.StartsWith($"{_folder["file"]}: open: file exists", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_text_is_another_error_than_an_unreadable_one()
    {
        File.CreateSymbolicLink(_folder["loop"], "loop");
        foreach (string missing in (string[])["nothing", "."])
        {
            Assert.Null(SmallFile.TryReadText(_folder[missing]));
            StoreException fault = Assert.Throws<StoreException>(() => SmallFile.ReadText(_folder[missing]));
            Assert.Equal($"{_folder[missing]}: there is no such file", fault.Message);
        }

        foreach (Func<object?> read in (Func<object?>[])
            [() => SmallFile.TryReadText(_folder["loop"]), () => SmallFile.ReadText(_folder["loop"])])
        {
            Assert.Equal(_folder["loop"], Assert.Throws<SystemCallException>(read).Path);
        }

        // A text of the kernel's own has no length.
        Assert.Equal(File.ReadAllText("/proc/self/uid_map"), SmallFile.ReadText("/proc/self/uid_map"));
    }

    [Theory]
    [InlineData("nothing", NotFound)]
    [InlineData("file", NotDirectory)]
    public void A_directory_that_cannot_be_listed_is_a_SystemCallException(string name, int errno)
    {
        _folder.Write("file", "");
        string path = _folder[name];
        foreach (Func<object> list in (Func<object>[])
            [() => DirectoryList.Entries(path), () => DirectoryList.Files(path), () => DirectoryList.Directories(path)])
        {
            SystemCallException fault = Assert.Throws<SystemCallException>(list);
            Assert.Equal((errno, path), (fault.Errno, fault.Path));
        }
    }

    private static Action[] Writers(string path) =>
    [
        () => AtomicFile.Replace(path, "x"u8, TemporaryNames.Engine),
        () => AtomicFile.ReplaceDeep(path, new byte[1], TemporaryNames.Registry, isDurable: false),
    ];
}
