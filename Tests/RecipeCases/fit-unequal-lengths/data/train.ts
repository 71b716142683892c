@problemName ShortAndLong
@timeStamps false
@missing false
@univariate true
@dimension 1
@equalLength false
@classLabel true low high
@data
1,2,3,4:low
5,6,7,8,9,8:high
2,1,2:low
7,8,9:high
