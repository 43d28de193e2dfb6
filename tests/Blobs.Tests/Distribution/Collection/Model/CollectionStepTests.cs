namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// A reader can hold the model against the code: both call the steps of the protocol by the same names.
/// </summary>
public sealed class CollectionStepTests
{
    [Theory]
    [InlineData(typeof(OneRepository.HostAt))]
    [InlineData(typeof(OneRepository.CollectorAt))]
    [InlineData(typeof(Scenarios.HostAt))]
    [InlineData(typeof(Scenarios.CollectorAt))]
    public void Every_place_in_the_model_is_named_after_a_step(Type places) => Assert.Equal(
        [],
        Enum.GetNames(places).Except(["Idle", "Done", "Absent", "PutTakesBack"]).Where(name => PlaceNames.StepOf(name) is null));
}
